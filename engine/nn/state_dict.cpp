#include "engine/graph/grad_mode.h"
#include "engine/nn/module.h"

#include <algorithm>

namespace hs::nn {

namespace {

std::string list_of(const std::vector<std::string>& keys, char quote) {
    std::string text;
    for (const std::string& key : keys)
        text += (text.empty() ? "" : ", ") + (quote + key + quote);
    return text;
}

const Tensor* find(const NamedTensors& state, const std::string& key) {
    const auto found = std::ranges::find(state, key, &std::pair<std::string, Tensor>::first);
    return found == state.end() ? nullptr : &found->second;
}

} // namespace

std::string to_string(const LoadResult& result) {
    if (result.missing_keys.empty() && result.unexpected_keys.empty()) return "<All keys matched successfully>";
    return "_IncompatibleKeys(missing_keys=[" + list_of(result.missing_keys, '\'') + "], unexpected_keys=[" +
           list_of(result.unexpected_keys, '\'') + "])";
}

void Module::collect_state(const std::string& prefix, NamedTensors& state) const {
    for (const auto& slot : parameters_)
        if (slot->tensor.defined()) state.emplace_back(prefix + slot->name, slot->tensor.detach());
    for (const auto& slot : buffers_)
        if (slot->tensor.defined() && slot->persistent) state.emplace_back(prefix + slot->name, slot->tensor.detach());
    for (const auto& [name, child] : children_)
        if (child) child->collect_state(prefix + name + ".", state);
}

NamedTensors Module::state_dict() const {
    NamedTensors state;
    collect_state("", state);
    return state;
}

void Module::load_own(const std::string& prefix, const NamedTensors& state, std::vector<std::string>& missing,
                      std::vector<std::string>& errors) {
    const auto load = [&](Slot& slot) {
        if (!slot.tensor.defined() || !slot.persistent) return;
        const std::string key = prefix + slot.name;
        const Tensor* given = find(state, key);
        if (!given) {
            missing.push_back(key);
            return;
        }
        const bool one_for_scalar = slot.tensor.shape().empty() && given->shape() == Shape{1};
        if (given->shape() != slot.tensor.shape() && !one_for_scalar) {
            errors.push_back("size mismatch for " + key + ": copying a param with shape torch.Size(" +
                             hs::to_string(given->shape()) +
                             ") from checkpoint, the shape in current model is torch.Size(" +
                             hs::to_string(slot.tensor.shape()) + ").");
            return;
        }
        slot.tensor.copy_(one_for_scalar ? given->reshape({}) : *given);
    };
    for (const auto& slot : parameters_)
        load(*slot);
    for (const auto& slot : buffers_)
        load(*slot);
    for (const auto& [name, child] : children_)
        if (child) child->load_own(prefix + name + ".", state, missing, errors);
}

LoadResult Module::load_state_dict(const NamedTensors& state, bool strict) {
    const NoGrad scope;
    LoadResult result;
    std::vector<std::string> others;
    load_own("", state, result.missing_keys, others);
    const NamedTensors own = state_dict();
    for (const auto& [key, tensor] : state)
        if (!find(own, key)) result.unexpected_keys.push_back(key);
    std::vector<std::string> errors;
    if (strict && !result.missing_keys.empty())
        errors.push_back("Missing key(s) in state_dict: " + list_of(result.missing_keys, '"') + ". ");
    if (strict && !result.unexpected_keys.empty())
        errors.push_back("Unexpected key(s) in state_dict: " + list_of(result.unexpected_keys, '"') + ". ");
    errors.insert(errors.end(), others.begin(), others.end());
    if (!errors.empty()) {
        std::string text = "Error(s) in loading state_dict for " + type_name() + ":";
        for (const std::string& error : errors)
            text += "\n\t" + error;
        throw Error(text);
    }
    return result;
}

} // namespace hs::nn
