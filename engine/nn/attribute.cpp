#include "engine/nn/attribute.h"

#include "engine/nn/module.h"
#include "engine/tensor/printing.h"

namespace hs::nn {

bool is_none(const Attribute& value) {
    if (const auto* tensor = std::get_if<Tensor>(&value)) return !tensor->defined();
    if (const auto* buffer = std::get_if<Buffer>(&value)) return !buffer->tensor.defined();
    if (const auto* module = std::get_if<std::shared_ptr<Module>>(&value)) return !*module;
    return std::holds_alternative<None>(value);
}

std::string type_name(const Attribute& value) {
    if (is_none(value)) return "NoneType";
    struct Names {
        std::string operator()(None) const { return "NoneType"; }
        std::string operator()(bool) const { return "bool"; }
        std::string operator()(std::int64_t) const { return "int"; }
        std::string operator()(double) const { return "float"; }
        std::string operator()(const std::string&) const { return "str"; }
        std::string operator()(const Tensor& tensor) const { return legacy_type_name(tensor); }
        std::string operator()(const Buffer& buffer) const { return legacy_type_name(buffer.tensor); }
        std::string operator()(const std::shared_ptr<Module>& module) const { return module->type_name(); }
        std::string operator()(const PlainObject& object) const { return object.type_name; }
    };
    return std::visit(Names(), value);
}

} // namespace hs::nn
