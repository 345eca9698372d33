#include "engine/session/trace_names.h"

#include "engine/session/module_path.h"
#include "engine/tensor/error.h"
#include "engine/tensor/tensor.h"

namespace hs::session {

using trace::EventKind;
using trace::Role;

namespace {

/// A tensor of its own with the elements that were kept.
Tensor tensor_of(const trace::Snapshot& kept) {
    const auto count = static_cast<std::size_t>(kept.count());
    const bool exact = kept.dtype() == Dtype::float64 || kept.dtype() == Dtype::int64;
    if (!exact) {
        std::vector<float> values(count);
        kept.read(0, values);
        return tensor(values, {.dtype = Dtype::float32}).reshape(kept.shape());
    }
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = kept.at(static_cast<std::int64_t>(i));
    return tensor(values, {.dtype = kept.dtype()}).reshape(kept.shape());
}

/// `a.b.weight` in two: `a.b` and `weight`.
std::pair<std::string, std::string> split(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return {"", std::string(path)};
    return {std::string(path.substr(0, dot)), std::string(path.substr(dot + 1))};
}

} // namespace

std::optional<trace::ValueKey> TraceNames::key_of(const trace::ModuleTable& modules, std::string_view path) {
    constexpr std::string_view grad = ".grad";
    const bool is_grad = path.ends_with(grad);
    if (is_grad) path.remove_suffix(grad.size());
    const auto [outer, name] = split(path);
    const trace::Id module = module_at(modules, outer);
    if (module == trace::none) return std::nullopt;
    for (const trace::Member& member : modules[module].members)
        if (member.name == name)
            return trace::ValueKey{is_grad            ? Role::gradient
                                   : member.is_buffer ? Role::buffer
                                                      : Role::parameter,
                                   outer, name};
    if (name == "output") return trace::ValueKey{is_grad ? Role::output_gradient : Role::output, outer, ""};
    if (name == "input" && !is_grad) return trace::ValueKey{Role::input, outer, ""};
    return std::nullopt;
}

script::Value TraceNames::loss() const {
    if (trace_->finished()) return script::Value(Scalar(trace_->result().loss));
    trace::Id last = trace::none;
    for (std::size_t i = 0; i < trace_->events.size(); ++i) {
        const trace::Event& event = trace_->events[i];
        if (event.kind == EventKind::forward && event.value != trace::none) last = event.value;
        if (event.kind != EventKind::pass_begin || last == trace::none) continue;
        const trace::Value& value = trace_->values[last];
        if (value.snapshot && value.snapshot.count() == 1) return script::Value(tensor_of(value.snapshot));
    }
    throw Error("the loss is known when the backward pass begins");
}

std::optional<script::Value> TraceNames::find(std::string_view path) const {
    if (path == "loss") return loss();
    const auto key = key_of(*trace_->modules, path);
    if (!key) return std::nullopt;
    const trace::Id id = trace_->find(*key);
    if (id == trace::none) {
        const bool is_grad = key->role == Role::gradient;
        const trace::Id of = is_grad ? trace_->find({Role::parameter, key->module, key->member}) : trace::none;
        if (of != trace::none && !trace_->values[of].has_grad) return script::Value();
        throw Error("'" + std::string(path) + "' is not there yet at this moment of the step");
    }
    const trace::Value& value = trace_->values[id];
    if (!value.snapshot) throw Error("the values of '" + std::string(path) + "' were not kept in this step");
    return script::Value(tensor_of(value.snapshot));
}

std::vector<std::string> TraceNames::names() const {
    std::vector<std::string> all{"loss"};
    for (const trace::Module& module : *trace_->modules) {
        const std::string start = module.path.empty() ? "" : module.path + ".";
        for (const trace::Member& member : module.members) {
            all.push_back(start + member.name);
            if (!member.is_buffer) all.push_back(start + member.name + ".grad");
        }
        for (const char* what : {"input", "output", "output.grad"})
            all.push_back(start + what);
    }
    return all;
}

} // namespace hs::session
