#pragma once

#include "engine/nn/attribute.h"

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hs::nn {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// What `_metadata` says of one module.
struct LocalMetadata {
    std::optional<std::int64_t> version; ///< nothing in files that are older than versions
    bool assign = false;                 ///< while loading: put the given tensors in (rule 104)
};

/// What Module::state_dict() gives (rules 101 and 102): an ordered dict of tensors, and of extra state of any kind.
class StateDict {
  public:
    using Entry = std::pair<std::string, Attribute>;
    using Metadata = std::vector<std::pair<std::string, LocalMetadata>>;

    StateDict() = default;
    StateDict(std::initializer_list<Entry> entries);
    /// Without metadata, as read from a file that has none.
    StateDict(const NamedTensors& tensors);

    std::size_t size() const { return entries_.size(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }
    std::vector<std::string> keys() const;
    /// The entries that are tensors.
    NamedTensors tensors() const;
    /// Null for a key that it does not hold.
    const Attribute* find(const std::string& key) const;
    /// Throws KeyError for a key that it does not hold, and TypeError for one that is not a tensor.
    const Tensor& operator[](const std::string& key) const;

    /// Puts the value in the place of one that has the key, or else at the end.
    void set(const std::string& key, Attribute value);
    /// Returns whether there was one.
    bool erase(const std::string& key);
    /// The entries whose keys begin with `prefix`; without metadata.
    StateDict starting_with(const std::string& prefix) const;

    /// `_metadata`, in the order of the walk, by the modules' paths.
    std::optional<Metadata> metadata;
    /// What it says of one module; nothing without metadata.
    LocalMetadata metadata_of(const std::string& path) const;

  private:
    std::vector<Entry> entries_;
    std::unordered_map<std::string, std::size_t> index_;
};

/// What load_state_dict() reports (rule 109).
struct LoadResult {
    std::vector<std::string> missing_keys;
    std::vector<std::string> unexpected_keys;
};
std::string to_string(const LoadResult& result);

/// What one module gets while a state_dict is loaded (the arguments of `_load_from_state_dict`). `state` holds what
/// begins with `prefix`; the three lists are those of the whole walk.
struct LoadCall {
    StateDict& state;
    const std::string& prefix;
    LocalMetadata& metadata;
    bool strict;
    std::vector<std::string>& missing_keys;
    std::vector<std::string>& unexpected_keys;
    std::vector<std::string>& errors;
};

} // namespace hs::nn
