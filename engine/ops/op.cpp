#include "engine/ops/op.h"

#include "engine/ops/elementwise.h"
#include "engine/ops/kept.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace hs {

namespace {

/// `max_pool2d` -> `MaxPool2D`, as PyTorch's generator writes it.
std::string camel_case(std::string_view name) {
    std::string result;
    bool upper = true;
    for (const char c : name) {
        if (c == '_' || c == '.') {
            upper = true;
            continue;
        }
        result += upper ? static_cast<char>(std::toupper(c)) : c;
        // A letter behind a digit is a capital, too: 2d -> 2D.
        upper = std::isdigit(static_cast<unsigned char>(c)) != 0;
    }
    return result;
}

Op::SavedItem resolve(const Schema& schema, const Save& save) {
    using Kind = Op::SavedItem::Kind;
    const std::string_view what = save.what;
    Op::SavedItem item{Kind::argument, 0, -1, std::string(what)};
    if (save.needed_for) item.needed_for = static_cast<std::int16_t>(schema.index_of(save.needed_for));
    if (what.starts_with("result")) {
        item.kind = Kind::result;
        item.index = what.size() > 6 ? static_cast<std::uint8_t>(what[6] - '0') : std::uint8_t{0};
        return item;
    }
    const std::size_t dot = what.find('.');
    const std::string_view part = dot == std::string_view::npos ? "" : what.substr(dot + 1);
    const std::size_t index = schema.index_of(what.substr(0, dot));
    constexpr std::array<std::string_view, 4> parts{"", "shape", "strides", "storage_offset"};
    if (index == schema.parameters.size() || std::ranges::find(parts, part) == parts.end())
        throw Error(schema.name + " saves '" + std::string(what) + "', which its signature does not have");
    item.index = static_cast<std::uint8_t>(index);
    const ParameterType type = schema.parameters[index].type;
    if (part == "shape")
        item.kind = Kind::shape;
    else if (part == "strides")
        item.kind = Kind::strides;
    else if (part == "storage_offset")
        item.kind = Kind::storage_offset;
    else if (type == ParameterType::tensor || type == ParameterType::operand || type == ParameterType::mask)
        item.kind = Kind::tensor_argument;
    else if (type == ParameterType::tensors)
        item.kind = Kind::tensor_list;
    return item;
}

} // namespace

Op::Op(OpDeclaration declaration)
    : declaration_(std::move(declaration)), schema_(Schema::parse(declaration_.signature)) {
    if (declaration_.backward) {
        node_name_ = (declaration_.node ? std::string(declaration_.node) : camel_case(schema_.name)) + "Backward" +
                     std::to_string(declaration_.node_number);
    }
    for (const Save& save : declaration_.saves)
        saved_items_.push_back(resolve(schema_, save));
    for (const GradientFormula& gradient : declaration_.gradients)
        differentiable_parameters_.push_back(static_cast<std::uint8_t>(schema_.index_of(gradient.input)));
    for (const int output : declaration_.non_differentiable)
        non_differentiable_ |= std::uint64_t{1} << output;
}

void Op::check_dtypes(const Arguments& arguments) const {
    const Dtypes& dtypes = declaration_.dtypes;
    if (!*dtypes.refusal) return; // what it is made of refuses
    const auto count = static_cast<std::size_t>(dtypes.operands);
    // The usual case: what each of them is of is taken, and so is what they promote to.
    bool all_taken = true;
    for (std::size_t i = 0; i < count; ++i)
        if (const ArgumentRef argument = arguments[i]; argument.is_tensor())
            all_taken = all_taken && (dtypes.taken & dtype_bit(argument.tensor().dtype())) != 0;
        else if (!argument.is_number())
            all_taken = false;
    if (all_taken) return;
    for (std::size_t i = 0; i < arguments.size(); ++i)
        if (arguments[i].kind() == ArgumentRef::Kind::dtype) return; // it is converted first
    std::vector<ArgumentRef> operands;
    for (std::size_t i = 0; i < count; ++i) {
        const ArgumentRef argument = arguments[i];
        if (argument.kind() == ArgumentRef::Kind::tensors)
            operands.insert(operands.end(), argument.tensors().begin(), argument.tensors().end());
        else
            operands.push_back(argument);
    }
    const Dtype dtype = ops::result_type(operands);
    if (dtypes.taken & dtype_bit(dtype)) return;
    const bool is_half = (half_dtypes & dtype_bit(dtype)) != 0;
    std::string text = is_half && dtypes.half_refusal ? dtypes.half_refusal : dtypes.refusal;
    if (text.find(' ') == std::string::npos)
        throw NotImplementedError("\"" + text + "\" not implemented for '" + std::string(scalar_type_name(dtype)) +
                                  "'");
    if (const std::size_t place = text.find("{}"); place != std::string::npos)
        text.replace(place, 2, scalar_type_name(dtype));
    throw Error(text);
}

Tensor Saved::tensor(std::string_view name) const {
    return node_->kept().tensor(*node_, name);
}

Tensor Saved::result(int i) const {
    return node_->kept().tensor(*node_,
                                i == 0 && node_->kept().has("result") ? "result" : "result" + std::to_string(i));
}

Tensors Saved::tensors(std::string_view name) const {
    return node_->kept().list(*node_, name);
}

Shape Saved::shape(std::string_view tensor_name) const {
    return node_->kept().meta(*node_, tensor_name).shape;
}

Dtype Saved::dtype(std::string_view tensor_name) const {
    return node_->kept().meta(*node_, tensor_name).dtype;
}

std::vector<Shape> Saved::shapes(std::string_view list_name) const {
    return node_->kept().shapes(*node_, list_name);
}

ArgumentRef Saved::argument(std::string_view name) const {
    const Schema& schema = node_->op().schema();
    if (node_->kept_)
        if (const Argument* kept = node_->kept_->argument(name)) return kept->ref();
    return schema.parameters[schema.index_of(name)].default_value.ref();
}

} // namespace hs
