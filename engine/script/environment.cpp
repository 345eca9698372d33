#include "engine/script/environment.h"

#include <algorithm>

namespace hs::script {

void Environment::assign(const std::string& name, const Value&) {
    throw TypeError("'" + name + "' cannot be assigned here");
}

std::optional<Value> Variables::find(std::string_view path) const {
    const auto found =
        std::ranges::find(values_, path, [](const auto& entry) { return std::string_view(entry.first); });
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

void Variables::assign(const std::string& name, const Value& value) {
    const auto found = std::ranges::find(values_, name, [](const auto& entry) { return entry.first; });
    if (found != values_.end())
        found->second = value;
    else
        values_.emplace_back(name, value);
}

std::vector<std::string> Variables::names() const {
    std::vector<std::string> all;
    for (const auto& entry : values_)
        all.push_back(entry.first);
    return all;
}

std::optional<Value> ModelNames::find(std::string_view path) const {
    for (const auto& listing : {model_.named_parameters(), model_.named_buffers()})
        for (const auto& [name, tensor] : listing)
            if (name == path) return Value::of(tensor);
    for (const auto& [name, module] : model_.named_modules())
        // Not an owner: the model lives as long as this does.
        if (!name.empty() && name == path) return Value(std::shared_ptr<nn::Module>(std::shared_ptr<void>(), module));
    return std::nullopt;
}

std::vector<std::string> ModelNames::names() const {
    std::vector<std::string> all;
    for (const auto& listing : {model_.named_parameters(), model_.named_buffers()})
        for (const auto& entry : listing)
            all.push_back(entry.first);
    return all;
}

} // namespace hs::script
