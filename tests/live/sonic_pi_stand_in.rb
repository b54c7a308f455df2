# Sonic Pi's words for patches/sonicpi/mvae.rb, as its tutorial describes them, over real OSC: ruby sonic_pi_stand_in.rb SCRIPT HOST PORT.
# It prints each sound that it would make; OSC that comes in is known by /osc:HOST:PORT in front of its address, as there.
require "socket"

SOCKET = UDPSocket.new.tap { |port| port.bind("127.0.0.1", 0) }
TO = [ARGV[1], ARGV[2].to_i]
CUES = Queue.new
WAITING = Hash.new { |all, pattern| all[pattern] = [] }
LOCK = Mutex.new
$stdout.sync = true

def padded(text) = text + "\0" * (4 - text.bytesize % 4)

def encoded(address, values)
  tags = values.map { |value| {Integer => "i", Float => "f", String => "s"}.fetch(value.class) }.join
  body = values.map { |value| value.is_a?(String) ? padded(value) : [value].pack(value.is_a?(Integer) ? "l>" : "g") }.join
  padded(address) + padded("," + tags) + body
end

def decoded(datagram)
  address, rest = datagram.unpack("Z*").first, nil
  rest = datagram.byteslice(padded(address).bytesize..)
  tags = rest.unpack1("Z*")
  rest = rest.byteslice(padded(tags).bytesize..)
  values = tags.delete_prefix(",").chars.map do |tag|
    size = tag == "s" ? padded(rest.unpack1("Z*")).bytesize : 4
    rest.byteslice(0, size).unpack1({"i" => "l>", "f" => "g", "s" => "Z*"}.fetch(tag)).tap { rest = rest.byteslice(size..) }
  end
  [address, values]
end

def use_osc(host, port) = puts("osc #{host} #{port}")
def use_real_time = nil
def rrand(low, high) = low + (high - low) * 0.5

def osc(address, *values)
  values[1] = SOCKET.addr[1] if address == "/mvae/subscribe" # this stands where Sonic Pi would
  SOCKET.send(encoded(address, values), 0, *TO)
end

def sync(pattern)
  waiting = Queue.new
  LOCK.synchronize { WAITING[pattern] << waiting }
  waiting.pop
end

def live_loop(name, &body)
  (@loops ||= []) << Thread.new { loop { body.call } }
  @loops.last.abort_on_exception = true
end

def sample(name, amp:) = puts("sample #{name} #{amp > 0}")
def synth(name, note:, amp:, release:) = puts("synth #{name} #{note} #{amp > 0} #{release > 0}")

Thread.new do
  loop do
    address, values = decoded(SOCKET.recv(65_536))
    LOCK.synchronize do
      WAITING.each do |pattern, queues|
        queues.shift(queues.size).each { |queue| queue << values } if File.fnmatch(pattern, "/osc:#{TO.join(':')}#{address}")
      end
    end
  end
end.abort_on_exception = true

eval(File.read(ARGV[0]), binding, ARGV[0])
sleep
