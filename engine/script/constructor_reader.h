#pragma once

#include "engine/nn/sizes.h"
#include "engine/ops/argument.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hs::script {

struct ConstructorArguments {
    std::vector<Argument> positional;
    std::map<std::string, Argument> keywords;
};

/// Reads constructor arguments by position or name; what nobody asked for is an error in the end.
class ConstructorReader {
  public:
    /// The position of an argument that is given by name only.
    static constexpr std::size_t by_name = ~std::size_t{0};

    explicit ConstructorReader(const ConstructorArguments& given) : given_(given) {}

    /// Null when it was not given.
    const Argument* find(std::size_t position, const std::string& name);
    /// The same for None.
    const Argument* find_value(std::size_t position, const std::string& name);

    std::int64_t integer(std::size_t position, const std::string& name, std::int64_t otherwise = 0);
    double floating(std::size_t position, const std::string& name, double otherwise);
    /// A number as it was given: `1` or `1.0`.
    Scalar number(std::size_t position, const std::string& name, const Scalar& otherwise);
    bool boolean(std::size_t position, const std::string& name, bool otherwise);
    std::string text(std::size_t position, const std::string& name, const std::string& otherwise);
    Tensor tensor(std::size_t position, const std::string& name);
    std::optional<std::int64_t> optional_integer(std::size_t position, const std::string& name);
    std::optional<double> optional_floating(std::size_t position, const std::string& name);
    Dims dims(std::size_t position, const std::string& name);
    std::vector<double> floats(std::size_t position, const std::string& name);

    template <std::size_t N>
    std::optional<nn::Sizes<N>> sizes(std::size_t position, const std::string& name) {
        const Argument* argument = find_value(position, name);
        if (!argument) return std::nullopt;
        const Dims list = integers(*argument, name);
        nn::Sizes<N> sizes(list[0]);
        if (std::holds_alternative<Scalar>(argument->value())) return sizes;
        if (list.size() != N) throw Error("'" + name + "' has " + std::to_string(list.size()) + " sizes");
        std::copy(list.begin(), list.end(), sizes.values.begin());
        sizes.is_one_number = false;
        return sizes;
    }
    /// Says that the argument is known, and has no meaning here: PyTorch's deprecated ones.
    void ignore(std::size_t position, const std::string& name) { find(position, name); }
    void check_all_used() const;

  private:
    /// A number, a list, or a tuple, which came as an index expression.
    static Dims integers(const Argument& argument, const std::string& name);

    const ConstructorArguments& given_;
    std::set<std::size_t> used_positions_;
    std::set<std::string> used_names_;
};

} // namespace hs::script
