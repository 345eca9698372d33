#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <list>
#include <unordered_map>
#include <utility>

namespace hs {

inline const dnnl::engine& cpu_engine() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

/// The primitives that a thread has run last, at most `capacity`; made from their keys.
template <class Key, class KeyHash, class Primitive, std::size_t capacity>
class PrimitiveCache {
  public:
    Primitive& find(const Key& key) {
        if (const auto found = places_.find(key); found != places_.end()) {
            if (found->second != entries_.begin()) entries_.splice(entries_.begin(), entries_, found->second);
            return found->second->second;
        }
        if (entries_.size() == capacity) {
            places_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, Primitive(key));
        places_.emplace(key, entries_.begin());
        return entries_.front().second;
    }

  private:
    using Entries = std::list<std::pair<Key, Primitive>>;
    Entries entries_; ///< the one used last comes first
    std::unordered_map<Key, typename Entries::iterator, KeyHash> places_;
};

} // namespace hs
