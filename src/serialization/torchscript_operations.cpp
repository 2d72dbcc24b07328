#include "serialization/torchscript_operations.h"

#include <algorithm>
#include <array>

namespace styletransfer::detail {
namespace {

// Everything else is refused, including operations that open files (from_file, save), print, run
// other code (fork), or expose uninitialized memory (empty, resize_, as_strided). "warn" is allowed
// because PyTorch's own layers contain it; its messages are dropped
// (serialization/sandboxed_thread.h).
constexpr std::string_view kAten[] = {
    // clang-format off
    "Bool", "Complex", "ComplexImplicit", "Float", "FloatImplicit", "Int", "IntImplicit",
    "ScalarImplicit", "__and__", "__contains__", "__derive_index", "__getitem__", "__iand__",
    "__ilshift__", "__interpolate", "__ior__", "__irshift__", "__is__", "__isnot__", "__ixor__",
    "__lshift__", "__not__", "__or__", "__range_length", "__round_to_zero_floordiv", "__rshift__",
    "__upsample", "__upsample_bilinear", "__upsample_nearest", "__xor__", "_adaptive_avg_pool2d",
    "_assert_tensor_metadata", "_batch_norm_impl_index", "_convolution", "_convolution_mode",
    "_fft_c2c", "_log_softmax", "_native_multi_head_attention", "_pad_circular", "_pad_enum",
    "_reshape_alias", "_set_item", "_shape_as_tensor", "_size_if_not_equal", "_softmax",
    "_unsafe_view", "_unwrap_optional", "_upsample_bicubic2d_aa", "_upsample_bilinear2d_aa",
    "_upsample_lanczos2d_aa", "_upsample_nearest_exact1d", "_upsample_nearest_exact2d",
    "_upsample_nearest_exact3d", "_weight_norm", "abs", "absolute", "acos", "acosh",
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "add", "addbmm", "addcdiv", "addcmul", "addmm", "addmv",
    "affine_grid_generator", "alias", "all", "alpha_dropout", "amax", "amin", "aminmax", "angle",
    "any", "append", "arange", "argmax", "argmin", "argsort", "asin", "asinh", "atan", "atan2",
    "atanh", "atleast_1d", "atleast_2d", "atleast_3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "baddbmm", "batch_norm", "bernoulli", "bilinear", "bitwise_and", "bitwise_not", "bitwise_or",
    "bitwise_xor", "block_diag", "bmm", "broadcast_tensors", "broadcast_to", "bucketize",
    "capitalize", "cat", "ceil", "celu", "channel_shuffle", "chunk", "clamp", "clamp_max",
    "clamp_min", "clear", "clip", "clone", "col2im", "column_stack", "complex", "concat",
    "concatenate", "conj", "constant_pad_nd", "contiguous", "conv1d", "conv2d", "conv3d",
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "copy", "copysign", "cos", "cosh",
    "cosine_similarity", "count", "count_nonzero", "cpu", "cross", "cuda", "cummax", "cummin",
    "cumprod", "cumsum", "deg2rad", "degrees", "detach", "device", "diag", "diag_embed",
    "diagonal", "diff", "dim", "dist", "div", "divide", "divmod", "dot", "dropout", "dsplit",
    "dstack", "einsum", "elu", "embedding", "endswith", "eq", "equal", "erf", "erfc", "erfinv",
    "exp", "exp2", "expand", "expand_as", "expm1", "extend", "eye", "fabs", "factorial",
    "feature_alpha_dropout", "feature_dropout", "fft_fft", "fft_fft2", "fft_fftn", "fft_fftshift",
    "fft_ifft", "fft_ifft2", "fft_ifftn", "fft_ifftshift", "fft_irfft", "fft_irfft2", "fft_rfft",
    "fft_rfft2", "fill", "find", "flatten", "flip", "fliplr", "flipud", "float_power", "floor",
    "floor_divide", "floordiv", "fmax", "fmin", "fmod", "format", "frac", "frobenius_norm",
    "full", "full_like", "gather", "gcd", "ge", "gelu", "get", "get_device", "glu",
    "grid_sampler", "grid_sampler_2d", "group_norm", "gt", "hardshrink", "hardsigmoid",
    "hardswish", "hardtanh", "heaviside", "hsplit", "hstack", "hypot", "im2col", "imag", "index",
    "index_add", "index_copy", "index_fill", "index_put", "index_select", "inner", "insert",
    "instance_norm", "is_complex", "is_contiguous", "is_floating_point", "is_nonzero",
    "is_same_size", "isalnum", "isalpha", "isclose", "isdigit", "isfinite", "isinf", "isnan",
    "isreal", "item", "items", "join", "keys", "kron", "l1_loss", "layer_norm", "le",
    "leaky_relu", "len", "lerp", "linalg_cholesky", "linalg_cross", "linalg_eigh", "linalg_inv",
    "linalg_matrix_norm", "linalg_norm", "linalg_qr", "linalg_solve", "linalg_svd",
    "linalg_vector_norm", "linear", "linspace", "list", "log", "log10", "log1p", "log2",
    "log_sigmoid", "log_softmax", "logaddexp", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logit", "logspace", "logsumexp", "lower", "lt", "masked_fill",
    "masked_scatter", "masked_select", "matmul", "max", "max_pool1d", "max_pool2d",
    "max_pool2d_with_indices", "max_pool3d", "max_unpool2d", "maximum", "mean", "median",
    "meshgrid", "min", "minimum", "mish", "mm", "moveaxis", "movedim", "mse_loss", "mul",
    "multinomial", "multiply", "mv", "nan_to_num", "nanmean", "nanmedian", "nanquantile",
    "nansum", "narrow", "native_batch_norm", "native_group_norm", "native_layer_norm", "ne",
    "neg", "negative", "new_full", "new_ones", "new_zeros", "nonzero", "norm", "norm_except_dim",
    "normal", "not_equal", "nuclear_norm", "numel", "numpy_T", "one_hot", "ones", "ones_like",
    "ord", "outer", "pad", "pairwise_distance", "permute", "pixel_shuffle", "pixel_unshuffle",
    "pop", "popitem", "positive", "pow", "prelu", "prod", "quantile", "rad2deg", "radians",
    "rand", "rand_like", "randint", "randn", "randn_like", "random_", "randperm", "range",
    "ravel", "real", "reciprocal", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d",
    "relu", "relu6", "remainder", "remove", "renorm", "repeat", "repeat_interleave", "replace",
    "replication_pad1d", "replication_pad2d", "replication_pad3d", "reshape", "reshape_as",
    "resolve_conj", "resolve_neg", "reverse", "roll", "rot90", "round", "rrelu", "rsqrt",
    "rstrip", "rsub", "scaled_dot_product_attention", "scatter", "scatter_add", "searchsorted",
    "select", "selu", "setdefault", "sgn", "sigmoid", "sign", "signbit", "silu", "sin", "sinc",
    "sinh", "size", "slice", "slice_scatter", "smooth_l1_loss", "softmax", "softplus",
    "softshrink", "sort", "split", "split_with_sizes", "splitlines", "sqrt", "square", "squeeze",
    "stack", "startswith", "std", "std_mean", "storage_offset", "str", "stride", "strip", "sub",
    "subtract", "sum", "svd", "swapaxes", "swapdims", "t", "take", "take_along_dim", "tan",
    "tanh", "tensor", "tensor_split", "tensordot", "threshold", "tile", "to", "topk", "trace",
    "transpose", "tril", "tril_indices", "triu", "triu_indices", "true_divide", "trunc",
    "type_as", "unbind", "unflatten", "unfold", "uniform", "unique_consecutive", "unsqueeze",
    "update", "upper", "upsample_bicubic2d", "upsample_bilinear2d", "upsample_linear1d",
    "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "upsample_trilinear3d",
    "values", "vander", "var", "var_mean", "vdot", "view", "view_as", "view_as_complex",
    "view_as_real", "vsplit", "vstack", "warn", "where", "xlogy", "zero_", "zeros", "zeros_like",
    // clang-format on
};

constexpr std::string_view kPrim[] = {"NumToTensor",
                                      "RaiseException",
                                      "TupleIndex",
                                      "TupleUnpack",
                                      "abs",
                                      "data",
                                      "device",
                                      "dtype",
                                      "is_cpu",
                                      "is_cuda",
                                      "is_quantized",
                                      "isinstance",
                                      "layout",
                                      "max",
                                      "min",
                                      "requires_grad",
                                      "rangelist",
                                      "shape",
                                      "tolist",
                                      "type",
                                      "unchecked_cast",
                                      "unchecked_unwrap_optional",
                                      "itemsize"};

constexpr std::string_view kBuiltins[] = {"annotate", "bool",           "float",
                                          "int",      "isinstance",     "range",
                                          "str",      "unchecked_cast", "uninitialized"};

constexpr std::string_view kProperties[] = {
    "T",        "H",      "mT",     "mH",      "data",    "device",        "dtype",
    "imag",     "index",  "is_cpu", "is_cuda", "is_leaf", "is_quantized",  "is_sparse",
    "itemsize", "layout", "nbytes", "ndim",    "real",    "requires_grad", "shape",
    "type"};

constexpr std::string_view kTypes[] = {
    "Device", "Dict",  "Final", "List",    "NoneType", "None", "Optional", "Tensor",
    "Tuple",  "Union", "bool",  "complex", "float",    "int",  "number",   "str"};

template <std::size_t Count>
bool holds(const std::string_view (&names)[Count], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

std::span<const std::string_view> allowed_aten_operations() { return kAten; }

bool is_allowed_aten(std::string_view name) {
  const auto is_listed = [](std::string_view wanted) {
    return std::binary_search(std::begin(kAten), std::end(kAten), wanted);
  };
  if (is_listed(name)) return true;
  const bool is_in_place = name.ends_with('_') && !name.ends_with("__");
  return is_in_place && is_listed(name.substr(0, name.size() - 1));
}

bool is_allowed_prim(std::string_view name) { return holds(kPrim, name); }
bool is_allowed_builtin(std::string_view name) { return holds(kBuiltins, name); }
bool is_allowed_property(std::string_view name) { return holds(kProperties, name); }
bool is_allowed_type(std::string_view name) { return holds(kTypes, name); }

}  // namespace styletransfer::detail
