#include "engine/nn/state_dict.h"

#include "engine/graph/grad_mode.h"
#include "engine/nn/module.h"
#include "engine/nn/parameter.h"

#include <algorithm>

namespace hs::nn {

namespace {

std::string list_of(const std::vector<std::string>& keys, char quote) {
    std::string text;
    for (const std::string& key : keys)
        text += (text.empty() ? "" : ", ") + (quote + key + quote);
    return text;
}

std::string size_text(const Tensor& tensor) {
    return "torch.Size(" + hs::to_string(tensor.shape()) + ")";
}

/// A path as the metadata has it: without the dot at the end.
std::string path_of(const std::string& prefix) {
    return prefix.empty() ? prefix : prefix.substr(0, prefix.size() - 1);
}

LocalMetadata metadata_in(const StateDict::Metadata* metadata, const std::string& path) {
    if (!metadata) return {};
    const auto found = std::ranges::find(*metadata, path, &StateDict::Metadata::value_type::first);
    return found == metadata->end() ? LocalMetadata() : found->second;
}

} // namespace

std::string to_string(const LoadResult& result) {
    if (result.missing_keys.empty() && result.unexpected_keys.empty()) return "<All keys matched successfully>";
    return "_IncompatibleKeys(missing_keys=[" + list_of(result.missing_keys, '\'') + "], unexpected_keys=[" +
           list_of(result.unexpected_keys, '\'') + "])";
}

StateDict::StateDict(std::initializer_list<Entry> entries) {
    for (const auto& [key, value] : entries)
        set(key, value);
}

StateDict::StateDict(const NamedTensors& tensors) {
    for (const auto& [key, tensor] : tensors)
        set(key, tensor);
}

std::vector<std::string> StateDict::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : entries_)
        keys.push_back(key);
    return keys;
}

NamedTensors StateDict::tensors() const {
    NamedTensors tensors;
    for (const auto& [key, value] : entries_)
        if (const auto* tensor = std::get_if<Tensor>(&value)) tensors.emplace_back(key, *tensor);
    return tensors;
}

const Attribute* StateDict::find(const std::string& key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &entries_[found->second].second;
}

const Tensor& StateDict::operator[](const std::string& key) const {
    const Attribute* value = find(key);
    if (!value) throw KeyError("'" + key + "'");
    if (const auto* tensor = std::get_if<Tensor>(value)) return *tensor;
    throw TypeError("'" + key + "' is a " + type_name(*value) + ", not a tensor");
}

void StateDict::set(const std::string& key, Attribute value) {
    const auto [at, is_new] = index_.try_emplace(key, entries_.size());
    if (is_new)
        entries_.emplace_back(key, std::move(value));
    else
        entries_[at->second].second = std::move(value);
}

bool StateDict::erase(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return false;
    const std::size_t gone = found->second;
    index_.erase(found);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(gone));
    for (auto& [name, at] : index_)
        if (at > gone) --at;
    return true;
}

StateDict StateDict::starting_with(const std::string& prefix) const {
    StateDict result;
    for (const auto& [key, value] : entries_)
        if (key.starts_with(prefix)) result.set(key, value);
    return result;
}

LocalMetadata StateDict::metadata_of(const std::string& path) const {
    return metadata_in(metadata ? &*metadata : nullptr, path);
}

void Module::save_to_state_dict(StateDict& state, const std::string& prefix, bool keep_vars) {
    const auto save = [&](const TensorSlot& slot) {
        if (slot.tensor.defined() && slot.persistent)
            state.set(prefix + slot.name, keep_vars ? slot.tensor : slot.tensor.detach());
    };
    for (const TensorSlot* slot : parameters_)
        save(*slot);
    for (const TensorSlot* slot : buffers_)
        save(*slot);
    if (auto extra = get_extra_state()) state.set(prefix + "_extra_state", std::move(*extra));
}

void Module::collect_state(StateDict& state, const std::string& prefix, bool keep_vars) {
    LocalMetadata metadata{.version = state_version()};
    const std::size_t place = state.metadata ? state.metadata->size() : 0;
    if (state.metadata) state.metadata->emplace_back(path_of(prefix), metadata);
    if (hooks_) hooks_->state_dict_pre.call(*this, prefix, keep_vars);
    save_to_state_dict(state, prefix, keep_vars);
    for (const auto& slot : children_)
        if (slot->module) slot->module->collect_state(state, prefix + slot->name + ".", keep_vars);
    if (!hooks_) return;
    hooks_->state_dict_post.call(*this, state, prefix, metadata);
    if (state.metadata && place < state.metadata->size()) (*state.metadata)[place].second = metadata;
}

StateDict Module::state_dict(const StateDictOptions& options) {
    StateDict state;
    state.metadata.emplace();
    collect_state(state, options.prefix, options.keep_vars);
    return state;
}

void Module::load_tensor(TensorSlot& slot, const std::string& key, const Attribute& given, const LoadCall& call) {
    const auto* tensor = std::get_if<Tensor>(&given);
    if (!tensor || !tensor->defined()) {
        call.errors.push_back("While copying the parameter named \"" + key +
                              "\", expected torch.Tensor or Tensor-like object from checkpoint but received <class '" +
                              hs::nn::type_name(given) + "'>");
        return;
    }
    const bool one_for_scalar = slot.tensor.shape().empty() && tensor->shape() == Shape{1};
    Tensor input = one_for_scalar ? tensor->reshape({}) : *tensor;
    if (input.shape() != slot.tensor.shape()) {
        call.errors.push_back("size mismatch for " + key + ": copying a param with shape " + size_text(input) +
                              " from checkpoint, the shape in current model is " + size_text(slot.tensor) + ".");
        return;
    }
    try {
        const NoGrad scope;
        if (!call.metadata.assign) {
            slot.tensor.copy_(input);
            return;
        }
        if (slot.kind == Kind::parameter) {
            const bool requires_grad = slot.tensor.requires_grad();
            if (input.is_parameter())
                input.set_requires_grad(requires_grad);
            else
                input = parameter(input, requires_grad);
        }
        set_attribute(slot.name, input);
    } catch (const std::exception& error) {
        call.errors.push_back("While copying the parameter named \"" + key + "\", whose dimensions in the model are " +
                              size_text(slot.tensor) + " and whose dimensions in the checkpoint are " +
                              size_text(input) + ", an exception occurred : ('" + error.what() + "',).");
    }
}

void Module::load_from_state_dict(const LoadCall& call) {
    if (hooks_) hooks_->load_state_dict_pre.call(*this, call);
    std::set<std::string> local;
    for (const auto& slots : {parameters_, buffers_}) {
        for (TensorSlot* slot : slots) {
            if (!slot->tensor.defined() || !slot->persistent) continue;
            local.insert(slot->name);
            const std::string key = call.prefix + slot->name;
            if (const Attribute* given = call.state.find(key))
                load_tensor(*slot, key, *given, call);
            else if (call.strict)
                call.missing_keys.push_back(key);
        }
    }
    const std::string extra_key = call.prefix + "_extra_state";
    const Attribute* extra = call.state.find(extra_key);
    const bool has_extra = get_extra_state().has_value();
    if (has_extra && extra)
        set_extra_state(*extra);
    else if (has_extra && call.strict)
        call.missing_keys.push_back(extra_key);
    else if (extra && call.strict)
        call.unexpected_keys.push_back(extra_key);
    if (!call.strict) return;
    for (const auto& [key, value] : call.state) {
        if (!key.starts_with(call.prefix) || key == extra_key) continue;
        const std::size_t dot = key.find('.', call.prefix.size());
        const std::string first = key.substr(call.prefix.size(), dot - call.prefix.size());
        if (dot == std::string::npos ? !local.contains(first) : !find_module(first))
            call.unexpected_keys.push_back(key);
    }
}

void Module::load_tree(const LoadCall& call, const StateDict::Metadata* metadata, bool assign) {
    LocalMetadata own = metadata_in(metadata, path_of(call.prefix));
    own.assign = assign;
    load_from_state_dict(
        {call.state, call.prefix, own, call.strict, call.missing_keys, call.unexpected_keys, call.errors});
    for (const auto& slot : children_) {
        if (!slot->module) continue;
        const std::string prefix = call.prefix + slot->name + ".";
        StateDict state = call.state.starting_with(prefix);
        slot->module->load_tree({state, prefix, own, call.strict, call.missing_keys, call.unexpected_keys, call.errors},
                                metadata, assign);
    }
    if (!hooks_ || hooks_->load_state_dict_post.empty()) return;
    LoadResult result{std::move(call.missing_keys), std::move(call.unexpected_keys)};
    hooks_->load_state_dict_post.call(*this, result);
    call.missing_keys = std::move(result.missing_keys);
    call.unexpected_keys = std::move(result.unexpected_keys);
}

LoadResult Module::load_state_dict(const StateDict& state, const LoadOptions& options) {
    StateDict copy = state; // hooks may change it
    LoadResult result;
    std::vector<std::string> others;
    LocalMetadata metadata;
    load_tree({copy, "", metadata, true, result.missing_keys, result.unexpected_keys, others},
              state.metadata ? &*state.metadata : nullptr, options.assign);
    std::vector<std::string> errors;
    if (options.strict && !result.missing_keys.empty())
        errors.push_back("Missing key(s) in state_dict: " + list_of(result.missing_keys, '"') + ". ");
    if (options.strict && !result.unexpected_keys.empty())
        errors.push_back("Unexpected key(s) in state_dict: " + list_of(result.unexpected_keys, '"') + ". ");
    errors.insert(errors.end(), others.begin(), others.end());
    if (errors.empty()) return result;
    std::string text = "Error(s) in loading state_dict for " + type_name() + ":";
    for (const std::string& error : errors)
        text += "\n\t" + error;
    throw Error(text);
}

} // namespace hs::nn
