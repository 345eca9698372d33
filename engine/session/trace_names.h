#pragma once

#include "engine/script/environment.h"
#include "engine/trace/trace.h"

#include <memory>
#include <optional>
#include <string_view>

namespace hs::session {

/// The names of a Trace for expressions: `conv1.weight`, `conv1.weight.grad`, `conv1.input`, `conv1.output`,
/// `conv1.output.grad`, `loss`. Their values are read from the bytes that were kept, so any thread may ask.
class TraceNames final : public script::Environment {
  public:
    explicit TraceNames(std::shared_ptr<const trace::Trace> trace) : trace_(std::move(trace)) {}

    /// Throws Error for what the Trace names but did not keep.
    std::optional<script::Value> find(std::string_view path) const override;
    std::vector<std::string> names() const override;

    /// What a path of this model names, or nothing.
    static std::optional<trace::ValueKey> key_of(const trace::ModuleTable& modules, std::string_view path);

  private:
    script::Value loss() const;

    std::shared_ptr<const trace::Trace> trace_;
};

} // namespace hs::session
