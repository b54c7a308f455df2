"""External tensors are found wherever ONNX lets them hide, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import AttributeProto, FunctionProto, ModelProto, TensorProto, helper

from mvae.core.onnx_links import DEEPEST, locations


def external(location: str) -> TensorProto:
    tensor = TensorProto(name="t", data_type=TensorProto.FLOAT16, dims=[2], data_location=TensorProto.EXTERNAL)
    for key, value in (("offset", "8"), ("location", location), ("length", "4")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return tensor


def model() -> ModelProto:
    """A model with plain weights, names and numbers of every wire type."""
    plain = helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])
    node = helper.make_node("Add", ["x", "w"], ["y"], name="location", alpha=0.5, axes=[1, -2])
    shape = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2]) for name in ("x", "y")]
    return helper.make_model(helper.make_graph([node], "location", shape[:1], shape[1:], [plain]))


def test_a_self_contained_model_links_to_nothing() -> None:
    assert locations(model().SerializeToString()) == set()


def test_links_are_found_in_initializers_constants_subgraphs_functions_and_sparse_tensors() -> None:
    hidden = model()
    hidden.graph.initializer.append(external("initializer"))
    hidden.graph.node.append(helper.make_node("Constant", [], ["k"], value=external("constant")))
    inner = helper.make_graph([helper.make_node("Constant", [], ["k"], value=external("deep"))], "inner", [], [], [external("subgraph")])
    hidden.graph.node.append(helper.make_node("If", ["k"], ["z"], then_branch=inner, else_branch=inner))
    sparse = hidden.graph.sparse_initializer.add()
    sparse.values.CopyFrom(external("values"))
    sparse.indices.CopyFrom(external("indices"))
    many = AttributeProto(name="many", type=AttributeProto.TENSORS)
    many.tensors.append(external("list"))
    hidden.graph.node[0].attribute.append(many)
    function = FunctionProto(name="f", domain="d")
    function.node.append(helper.make_node("Constant", [], ["k"], value=external("function")))
    hidden.functions.append(function)
    hidden.training_info.add().initialization.initializer.append(external("training"))
    assert locations(hidden.SerializeToString()) == {
        "initializer", "constant", "deep", "subgraph", "values", "indices", "list", "function", "training",
    }


@given(st.binary(max_size=200))
def test_bytes_that_are_no_model_raise_nothing_but_value_error(data: bytes) -> None:
    try:
        assert all(isinstance(name, str) for name in locations(data))
    except ValueError as error:
        assert str(error)


@given(st.data())
def test_a_model_cut_short_is_noticed_or_links_to_no_more_than_the_whole(data: st.DataObject) -> None:
    whole = model()
    whole.graph.initializer.append(external("weights.safetensors"))
    encoded = whole.SerializeToString()
    cut = data.draw(st.integers(0, len(encoded) - 1))
    try:
        assert locations(encoded[:cut]) <= {"weights.safetensors"}
    except ValueError as error:
        assert str(error)


def test_graphs_nested_without_end_are_refused() -> None:
    message = b""
    for _ in range(DEEPEST):  # graph in attribute in node in graph
        for tag in (0x32, 0x2A, 0x0A):
            size, length = len(message), b""
            while size >= 0x80:
                length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
            message = bytes([tag]) + length + bytes([size]) + message
    with pytest.raises(ValueError, match="nested too deeply"):
        locations(b"\x3a" + bytes([len(message) & 0x7F | 0x80, len(message) >> 7]) + message)
