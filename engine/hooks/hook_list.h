#pragma once

#include "engine/hooks/removable_handle.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

namespace hs {

/// The one mechanism behind every kind of hook: functions in order of registration, called from a snapshot, so that
/// adding or removing during a call takes effect in the next (rule 69). An empty list costs one pointer.
/// One thread uses a list at a time, like the tensor, node or module that it belongs to.
template <class Signature>
class HookList {
  public:
    using Function = std::function<Signature>;
    struct Entry {
        std::uint64_t id;
        Function function;
    };
    using Entries = std::vector<Entry>;

    bool empty() const { return !table_ || !table_->entries || table_->entries->empty(); }
    std::size_t size() const { return empty() ? 0 : table_->entries->size(); }

    /// `prepend` puts the hook before those that are there.
    RemovableHandle add(Function function, bool prepend = false) {
        if (!table_) table_ = std::make_shared<Table>();
        auto entries = table_->entries ? std::make_shared<Entries>(*table_->entries) : std::make_shared<Entries>();
        const std::uint64_t id = next_hook_id();
        entries->insert(prepend ? entries->begin() : entries->end(), Entry{id, std::move(function)});
        table_->entries = std::move(entries);
        return RemovableHandle(table_, id);
    }

    /// What is registered now; stays valid while hooks come and go. Null when there is none.
    std::shared_ptr<const Entries> snapshot() const { return table_ ? table_->entries : nullptr; }

    /// Calls every hook with the same arguments and ignores what they return.
    template <class... Arguments>
    void call(Arguments&&... arguments) const {
        if (const auto entries = snapshot())
            for (const Entry& entry : *entries)
                entry.function(arguments...);
    }

    void clear() { table_.reset(); }

  private:
    struct Table final : HookTable {
        std::shared_ptr<const Entries> entries;

        void remove(std::uint64_t id) override {
            if (!entries) return;
            auto kept = std::make_shared<Entries>();
            std::copy_if(entries->begin(), entries->end(), std::back_inserter(*kept),
                         [id](const Entry& entry) { return entry.id != id; });
            entries = std::move(kept);
        }
    };

    std::shared_ptr<Table> table_;
};

} // namespace hs
