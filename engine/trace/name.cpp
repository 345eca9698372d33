#include "engine/trace/name.h"

#include <array>
#include <functional>
#include <mutex>
#include <unordered_set>

namespace hs::trace {

namespace {

struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// Strings of a set stay where they are.
class Names {
  public:
    const std::string* find_or_add(std::string_view text) {
        const std::lock_guard lock(mutex_);
        const auto found = texts_.find(text);
        return found != texts_.end() ? &*found : &*texts_.emplace(text).first;
    }

  private:
    std::mutex mutex_;
    std::unordered_set<std::string, Hash, std::equal_to<>> texts_;
};

Names& names() {
    static auto* const all = new Names; // names are used until the very end of the process
    return *all;
}

/// Where a thread found a name lately is looked first, without the lock: by its length and its ends.
std::size_t lately_place(std::string_view text, std::size_t places) {
    const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
    return (text.size() * 31 + at(0) * 7 + at(text.size() / 2) * 3 + at(text.size() - 1)) % places;
}

} // namespace

const std::string Name::nameless;

const std::string* Name::shared(std::string_view text) {
    if (text.empty()) return &nameless;
    thread_local std::array<const std::string*, 128> lately{};
    const std::string*& place = lately[lately_place(text, lately.size())];
    if (!place || *place != text) place = names().find_or_add(text);
    return place;
}

} // namespace hs::trace
