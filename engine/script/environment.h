#pragma once

#include "engine/script/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hs::script {

/// Where the names of a script come from.
class Environment {
  public:
    virtual ~Environment() = default;

    /// The value of a name, or of a path such as `layer1.0.conv1.weight`: of `a.b.c` first the whole is asked for, then
    /// `a.b`, then `a`, and what is left are attributes of that value. Nothing for what it does not know; what it
    /// throws (a value that was not kept, say) is the script's error.
    virtual std::optional<Value> find(std::string_view path) const = 0;
    /// Throws TypeError unless overridden: names stay as they are.
    virtual void assign(const std::string& name, const Value& value);
    /// The names that there are, for completion.
    virtual std::vector<std::string> names() const { return {}; }
};

/// Names that a script assigns, in the order in which they came.
class Variables final : public Environment {
  public:
    std::optional<Value> find(std::string_view path) const override;
    void assign(const std::string& name, const Value& value) override;
    std::vector<std::string> names() const override;
    const std::vector<std::pair<std::string, Value>>& all() const { return values_; }

  private:
    std::vector<std::pair<std::string, Value>> values_;
};

/// The parameters, buffers and modules of a model by their paths. Belongs to the thread that trains it, and lives no
/// longer than the model.
class ModelNames final : public Environment {
  public:
    explicit ModelNames(nn::Module& model) : model_(model) {}
    std::optional<Value> find(std::string_view path) const override;
    std::vector<std::string> names() const override;

  private:
    nn::Module& model_;
};

} // namespace hs::script
