#include "engine/script/constructor_reader.h"

#include "engine/script/checked_argument.h"

namespace hs::script {

const Argument* ConstructorReader::find(std::size_t position, const std::string& name) {
    if (position < given_.positional.size()) {
        used_positions_.insert(position);
        return &given_.positional[position];
    }
    const auto found = given_.keywords.find(name);
    if (found == given_.keywords.end()) return nullptr;
    used_names_.insert(name);
    return &found->second;
}

const Argument* ConstructorReader::find_value(std::size_t position, const std::string& name) {
    const Argument* argument = find(position, name);
    return argument && !argument->ref().is_none() ? argument : nullptr;
}

std::int64_t ConstructorReader::integer(std::size_t position, const std::string& name, std::int64_t otherwise) {
    return optional_integer(position, name).value_or(otherwise);
}

double ConstructorReader::floating(std::size_t position, const std::string& name, double otherwise) {
    return optional_floating(position, name).value_or(otherwise);
}

Scalar ConstructorReader::number(std::size_t position, const std::string& name, const Scalar& otherwise) {
    const Argument* argument = find_value(position, name);
    return argument ? number_of(*argument, "'" + name + "'") : otherwise;
}

bool ConstructorReader::boolean(std::size_t position, const std::string& name, bool otherwise) {
    const Argument* argument = find(position, name);
    return argument ? boolean_of(*argument, "'" + name + "'") : otherwise;
}

std::string ConstructorReader::text(std::size_t position, const std::string& name, const std::string& otherwise) {
    const Argument* argument = find(position, name);
    return argument ? text_of(*argument, "'" + name + "'") : otherwise;
}

Tensor ConstructorReader::tensor(std::size_t position, const std::string& name) {
    const Argument* argument = find_value(position, name);
    return argument ? tensor_of(*argument, "'" + name + "'") : Tensor();
}

std::optional<std::int64_t> ConstructorReader::optional_integer(std::size_t position, const std::string& name) {
    const Argument* argument = find_value(position, name);
    return argument ? std::optional(integer_of(*argument, "'" + name + "'")) : std::nullopt;
}

std::optional<double> ConstructorReader::optional_floating(std::size_t position, const std::string& name) {
    const Argument* argument = find_value(position, name);
    return argument ? std::optional(number_of(*argument, "'" + name + "'").to_double()) : std::nullopt;
}

Dims ConstructorReader::dims(std::size_t position, const std::string& name) {
    const Argument* argument = find_value(position, name);
    return argument ? integers(*argument, name) : Dims();
}

std::vector<double> ConstructorReader::floats(std::size_t position, const std::string& name) {
    const Argument* argument = find_value(position, name);
    if (!argument) return {};
    if (std::holds_alternative<std::vector<double>>(argument->value())) return argument->ref().floats();
    if (argument->ref().is_number()) return {argument->ref().floating()};
    std::vector<double> result;
    for (const std::int64_t number : integers(*argument, name))
        result.push_back(static_cast<double>(number));
    return result;
}

void ConstructorReader::check_all_used() const {
    if (used_positions_.size() < given_.positional.size()) throw Error("a positional argument is not known");
    for (const auto& keyword : given_.keywords)
        if (!used_names_.contains(keyword.first)) throw Error("the argument '" + keyword.first + "' is not known");
}

Dims ConstructorReader::integers(const Argument& argument, const std::string& name) {
    Dims result;
    if (const auto* items = std::get_if<Indices>(&argument.value())) {
        for (const Index& item : *items)
            if (const auto* number = std::get_if<std::int64_t>(&item))
                result.push_back(*number);
            else if (std::holds_alternative<NewAxis>(item)) // None
                result.push_back(nn::same_size);
    } else {
        result = sizes_of(argument, "'" + name + "'");
    }
    if (result.empty()) throw Error("'" + name + "' has no sizes");
    return result;
}

} // namespace hs::script
