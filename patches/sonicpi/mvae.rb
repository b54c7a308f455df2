# mvae in Sonic Pi: turn its knobs, hear its notes. Start mvae-live first, paste this into a buffer, press Run.
# In Sonic Pi's preferences, IO: "Enable OSC server" on; for mvae on another computer "Receive remote OSC messages" as well.
# Change a number and press Run again while it plays.

use_osc "127.0.0.1", 7770
osc "/mvae/subscribe", 4560                # tell Sonic Pi, which listens there
osc "/mvae/continue"                       # it plays on, from bar 1 the first time; "/mvae/play" would begin again with every Run

# What to turn.
osc "/mvae/knob/density", 0.5              # -2 few hits, 2 many
osc "/mvae/xy", 0.3, 0.7                   # the pad: A B above, C D below
osc "/mvae/knob/temperature", 0.6          # 0 the likeliest hits, 1.5 anything goes

# Every note of the instrument plays a sample here: part, pitch, velocity, beat, duration in beats.
live_loop :notes do
  use_real_time
  part, pitch, velocity, beat, duration = sync "/osc*/mvae/note"
  amp = velocity / 127.0
  if part == "drums"
    kit = {36 => :bd_haus, 38 => :sn_dolf, 42 => :drum_cymbal_closed, 46 => :drum_cymbal_open, 49 => :drum_splash_hard, 51 => :drum_cymbal_soft}
    sample kit.fetch(pitch, :drum_tom_mid_soft), amp: amp
  else
    synth(part == "bass" ? :fm : :pluck, note: pitch, amp: amp, release: [duration * 0.5, 0.1].max)
  end
end

# Sonic Pi walks the music: a new place on the way from A to B at each bar of the instrument.
live_loop :walk do
  sync "/osc*/mvae/bar"
  osc "/mvae/knob/syncopation", rrand(-1, 1.5)
end

# One in eight bars is a fill.
live_loop :fills do
  8.times { sync "/osc*/mvae/bar" }
  osc "/mvae/fill", 1
end

# Why something was not taken.
live_loop :errors do
  use_real_time
  puts sync("/osc*/mvae/error")
end
