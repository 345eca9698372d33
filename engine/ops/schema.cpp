#include "engine/ops/schema.h"

#include "engine/tensor/error.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace hs {

namespace {

/// Reads a signature from left to right.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }
    bool take(char wanted) {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    void expect(char wanted) {
        if (!take(wanted)) fail(std::string("expected '") + wanted + "'");
    }
    std::string_view word() {
        skip_blanks();
        const std::size_t begin = at_;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_' || text_[at_] == '.'))
            ++at_;
        if (begin == at_) fail("expected a name");
        return text_.substr(begin, at_ - begin);
    }
    std::string_view literal() {
        skip_blanks();
        const std::size_t begin = at_;
        int depth = 0;
        while (at_ < text_.size() && (depth > 0 || (text_[at_] != ',' && text_[at_] != ')'))) {
            depth += text_[at_] == '[' ? 1 : text_[at_] == ']' ? -1 : 0;
            ++at_;
        }
        return text_.substr(begin, at_ - begin);
    }
    std::string_view rest() const { return text_.substr(at_); }
    [[noreturn]] void fail(const std::string& what) const {
        throw Error("signature '" + std::string(text_) + "', character " + std::to_string(at_) + ": " + what);
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

ParameterType type_of(const Reader& reader, std::string_view word, bool list) {
    if (word == "Tensor") return list ? ParameterType::tensors : ParameterType::tensor;
    if (word == "int") return list ? ParameterType::integers : ParameterType::integer;
    if (word == "Operand") return ParameterType::operand;
    if (word == "Scalar") return ParameterType::scalar;
    if (word == "float") return list ? ParameterType::floats : ParameterType::floating;
    if (word == "bool") return ParameterType::boolean;
    if (word == "str") return ParameterType::text;
    if (word == "Dtype") return ParameterType::dtype;
    if (word == "Mask") return ParameterType::mask;
    if (word == "Index") return ParameterType::indices;
    reader.fail("unknown type '" + std::string(word) + "'");
}

Scalar number(const Reader& reader, std::string_view text) {
    std::int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (error == std::errc() && end == text.data() + text.size()) return integer;
    const std::string copy(text);
    char* stop = nullptr;
    const double value = std::strtod(copy.c_str(), &stop);
    if (copy.empty() || *stop) reader.fail("'" + copy + "' is no default value");
    return value;
}

Argument default_of(const Reader& reader, std::string_view text, ParameterType type) {
    if (text == "None") return {};
    if (text == "True" || text == "False") return Scalar(text == "True");
    if (text.starts_with('\'') || text.starts_with('"')) return std::string(text.substr(1, text.size() - 2));
    if (text.starts_with('[')) {
        Dims values;
        std::string_view inside = text.substr(1, text.size() - 2);
        while (!inside.empty()) {
            const std::size_t comma = std::min(inside.find(','), inside.size());
            values.push_back(number(reader, inside.substr(0, comma)).to_int());
            inside.remove_prefix(std::min(comma + 1, inside.size()));
            while (inside.starts_with(' '))
                inside.remove_prefix(1);
        }
        return values;
    }
    const Scalar value = number(reader, text);
    if (type == ParameterType::integers) return Dims{value.to_int()};
    if (type == ParameterType::floating) return Scalar(value.to_double());
    return value;
}

bool is_empty_list(const Argument::Value& value) {
    const auto* list = std::get_if<Dims>(&value);
    const auto* tuple = std::get_if<Indices>(&value);
    return (list && list->empty()) || (tuple && tuple->empty());
}

/// Integers, some of which are None.
bool is_open_list(const Argument::Value& value) {
    const auto* items = std::get_if<Indices>(&value);
    return items && std::ranges::all_of(*items, [](const Index& item) {
               return std::holds_alternative<std::int64_t>(item) || std::holds_alternative<NewAxis>(item);
           });
}

bool takes(ParameterType type, const Argument& argument) {
    const auto& value = argument.value();
    switch (type) {
    case ParameterType::tensor:
        return std::holds_alternative<Tensor>(value);
    case ParameterType::operand:
        return std::holds_alternative<Tensor>(value) || std::holds_alternative<Scalar>(value);
    case ParameterType::tensors:
        return std::holds_alternative<Tensors>(value) || is_empty_list(value);
    case ParameterType::scalar:
    case ParameterType::floating:
        return std::holds_alternative<Scalar>(value);
    case ParameterType::integer:
        return std::holds_alternative<Scalar>(value) && !std::get<Scalar>(value).is_floating();
    case ParameterType::boolean:
        return std::holds_alternative<Scalar>(value) && std::get<Scalar>(value).kind() == Scalar::Kind::boolean;
    case ParameterType::integers:
        return std::holds_alternative<Dims>(value) || is_open_list(value) ||
               (std::holds_alternative<Scalar>(value) && std::get<Scalar>(value).kind() == Scalar::Kind::integer);
    case ParameterType::floats:
        return std::holds_alternative<Dims>(value) || std::holds_alternative<std::vector<double>>(value) ||
               std::holds_alternative<Scalar>(value);
    case ParameterType::text:
        return std::holds_alternative<std::string>(value);
    case ParameterType::dtype:
        return std::holds_alternative<Dtype>(value);
    case ParameterType::mask:
        return std::holds_alternative<Tensor>(value) && std::get<Tensor>(value).defined() &&
               std::get<Tensor>(value).dtype() == Dtype::bool_;
    case ParameterType::indices:
        return std::holds_alternative<Indices>(value) || std::holds_alternative<Tensor>(value) ||
               std::holds_alternative<Tensors>(value) || std::holds_alternative<Dims>(value) ||
               (std::holds_alternative<Scalar>(value) && !std::get<Scalar>(value).is_floating());
    }
    return false;
}

/// Gives an accepted argument the form that operations read.
Argument in_form_of(ParameterType type, Argument argument) {
    if (type == ParameterType::tensors && is_empty_list(argument.value())) return Tensors();
    if (type != ParameterType::integers) return argument;
    const auto* items = std::get_if<Indices>(&argument.value());
    if (!items) return argument;
    Dims sizes;
    for (const Index& item : *items)
        sizes.push_back(std::holds_alternative<std::int64_t>(item) ? std::get<std::int64_t>(item) : -1);
    return sizes;
}

} // namespace

Schema Schema::parse(std::string_view signature) {
    Reader reader(signature);
    Schema schema;
    const std::string_view full = reader.word();
    const std::size_t dot = full.rfind('.');
    schema.name = full.substr(0, dot);
    if (dot != std::string_view::npos) schema.overload = full.substr(dot + 1);
    reader.expect('(');
    bool keyword_only = false;
    while (!reader.take(')')) {
        if (reader.take('*')) {
            keyword_only = true;
            reader.take(',');
            continue;
        }
        SchemaParameter parameter;
        parameter.keyword_only = keyword_only;
        const std::string_view type = reader.word();
        bool list = false;
        if (reader.take('[')) {
            list = true;
            if (!reader.take(']')) {
                reader.word();
                reader.expect(']');
            }
        }
        parameter.type = type_of(reader, type, list);
        parameter.optional = reader.take('?');
        parameter.name = reader.word();
        if (reader.take('=')) {
            parameter.has_default = true;
            parameter.default_value = default_of(reader, reader.literal(), parameter.type);
        }
        schema.parameters.push_back(std::move(parameter));
        reader.take(',');
    }
    const std::string_view result = reader.rest();
    if (!result.starts_with(" -> ")) reader.fail("expected ' -> ' and the result");
    if (result.ends_with("[]"))
        schema.result_count = -1;
    else
        schema.result_count = 1 + static_cast<int>(std::count(result.begin(), result.end(), ','));
    return schema;
}

std::size_t Schema::index_of(std::string_view parameter) const {
    std::size_t i = 0;
    while (i < parameters.size() && parameters[i].name != parameter)
        ++i;
    return i;
}

bool Schema::accepts(const SchemaParameter& parameter, const Argument& argument) const {
    if (std::holds_alternative<std::monostate>(argument.value())) return parameter.optional;
    return takes(parameter.type, argument);
}

std::vector<Argument> Schema::bind(std::vector<Argument> positional, std::map<std::string, Argument> keywords) const {
    std::vector<Argument> bound;
    std::size_t taken = 0;
    for (const SchemaParameter& parameter : parameters) {
        const auto keyword = keywords.find(parameter.name);
        Argument argument;
        if (!parameter.keyword_only && taken < positional.size()) {
            if (keyword != keywords.end())
                throw TypeError(name + "() got multiple values for argument '" + parameter.name + "'");
            argument = std::move(positional[taken++]);
        } else if (keyword != keywords.end()) {
            argument = std::move(keyword->second);
            keywords.erase(keyword);
        } else if (parameter.has_default) {
            bound.push_back(parameter.default_value);
            continue;
        } else {
            throw TypeError(name + "() missing required argument '" + parameter.name + "'");
        }
        if (!accepts(parameter, argument))
            throw TypeError(name + "(): argument '" + parameter.name + "' has the wrong type");
        bound.push_back(in_form_of(parameter.type, std::move(argument)));
    }
    if (taken < positional.size())
        throw TypeError(name + "() takes " + std::to_string(taken) + " positional arguments but " +
                        std::to_string(positional.size()) + " were given");
    if (!keywords.empty())
        throw TypeError(name + "() got an unexpected keyword argument '" + keywords.begin()->first + "'");
    return bound;
}

} // namespace hs
