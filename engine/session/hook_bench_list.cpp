// Which hooks there are, in the order in which they fire.
#include "engine/graph/autograd_meta.h"
#include "engine/optim/optimizer.h"
#include "engine/session/hook_bench_impl.h"
#include "engine/session/own_hook.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace hs::session {

namespace {

/// When modules begin and end in the forward pass: as a recorded step shows it, else as they are listed.
class ModuleOrder {
  public:
    ModuleOrder(nn::Module& model, const trace::Trace* trace) {
        if (trace && read(*trace)) return;
        std::vector<std::string> open;
        for (const auto& named : model.named_modules()) {
            while (!open.empty() && !is_inside(named.first, open.back()))
                leave(open);
            times_[named.first].first = now_++;
            open.push_back(named.first);
        }
        while (!open.empty())
            leave(open);
    }

    int entered(const std::string& path) const { return find(path).first; }
    int left(const std::string& path) const { return find(path).second; }

  private:
    using Times = std::pair<int, int>;

    static bool is_inside(const std::string& path, const std::string& outer) {
        return outer.empty() || path.starts_with(outer + ".");
    }
    void leave(std::vector<std::string>& open) {
        times_[open.back()].second = now_++;
        open.pop_back();
    }
    bool read(const trace::Trace& trace) {
        const std::size_t count = trace.events.size();
        for (std::size_t i = 0; i < count; ++i) {
            const trace::Event& event = trace.events[i];
            if (event.module == trace::none) continue;
            const std::string& path = (*trace.modules)[event.module].path;
            if (event.kind == trace::EventKind::module_enter) times_.try_emplace(path, now_++, 0);
            if (event.kind == trace::EventKind::module_exit) times_[path].second = now_++;
        }
        return !times_.empty();
    }
    Times find(const std::string& path) const {
        const auto found = times_.find(path);
        return found == times_.end() ? Times(now_, now_) : found->second;
    }

    std::map<std::string, Times> times_;
    int now_ = 0;
};

class HookLister {
  public:
    explicit HookLister(const HookBench::Impl& bench, const trace::Trace* trace)
        : bench_(bench), order_(bench.training->model(), trace) {
        for (const auto& hook : bench.hooks)
            for (const RemovableHandle& handle : hook->handles)
                own_.emplace(handle.id(), hook.get());
    }

    std::shared_ptr<const HookTable> list() {
        for (const auto& [path, module] : bench_.training->model().named_modules()) {
            const nn::ModuleHooks& hooks = std::as_const(*module).hooks();
            take(hooks.forward_pre, {.kind = HookKind::forward_pre, .module = path});
            take(hooks.forward, {.kind = HookKind::forward, .module = path});
            take(hooks.full_backward_pre, {.kind = HookKind::backward_pre, .module = path});
            take(hooks.backward, {.kind = HookKind::backward, .module = path});
            for (const auto& [name, parameter] : module->named_parameters({.recurse = false})) {
                const auto& meta = parameter.impl()->meta;
                if (!meta) continue;
                take(meta->hooks, {.kind = HookKind::tensor, .module = path, .member = name});
                take(meta->post_accumulate_hooks, {.kind = HookKind::post_accumulate, .module = path, .member = name});
            }
        }
        const auto& around = bench_.training->optimizer().step_hooks();
        take(around.pre, {.kind = HookKind::step_pre});
        take(around.post, {.kind = HookKind::step_post});
        for (const auto& hook : bench_.hooks)
            if (!hook->removed && (!hook->problem.empty() || !hook->spec.place.node.empty())) put({row_of(*hook)});
        std::stable_sort(rows_.begin(), rows_.end(), [](const Keyed& a, const Keyed& b) { return a.first < b.first; });
        auto table = std::make_shared<HookTable>();
        for (Keyed& row : rows_)
            table->rows.push_back(std::move(row.second));
        return table;
    }

  private:
    using Key = std::tuple<int, int, int>;
    using Keyed = std::pair<Key, HookRow>;

    static HookRow row_of(const HookBench::Impl::Hook& hook) {
        HookRow row = hook.last;
        row.id = hook.id;
        row.spec = hook.spec;
        row.problem = hook.problem;
        return row;
    }

    template <class Signature>
    void take(const HookList<Signature>& hooks, const HookPlace& place) {
        const auto entries = hooks.snapshot();
        if (!entries) return;
        std::vector<HookRow> rows;
        for (const auto& entry : *entries) {
            if (bench_.recorder->own_hooks().contains(entry.id) || is_own_hook(entry.id)) continue;
            const auto own = own_.find(entry.id);
            rows.push_back(own == own_.end() ? HookRow{.spec = {.place = place}} : row_of(*own->second));
        }
        put(std::move(rows));
    }

    /// The rows of one list.
    void put(std::vector<HookRow> rows) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            HookRow& row = rows[i];
            const bool any_order = row.spec.place.kind <= HookKind::backward;
            if (row.id != 0) {
                row.can_rise = i > 0 && (any_order || rows[i - 1].id != 0);
                row.can_sink = i + 1 < rows.size() && (any_order || rows[i + 1].id != 0);
            }
            const Key key = key_of(row);
            rows_.emplace_back(key, std::move(row));
        }
    }

    Key key_of(const HookRow& row) const {
        const HookPlace& place = row.spec.place;
        const bool node = !place.node.empty();
        if (!row.problem.empty()) return {3, 0, 0};
        switch (place.kind) {
        case HookKind::forward_pre:
            return {0, order_.entered(place.module), 0};
        case HookKind::forward:
            return {0, order_.left(place.module), 0};
        case HookKind::backward_pre:
            return {1, -order_.left(place.module), 0};
        case HookKind::node_pre:
            return {1, -order_.entered(place.module), 2};
        case HookKind::node_post:
            return {1, -order_.entered(place.module), 3};
        case HookKind::tensor:
            return {1, -order_.entered(place.module), node ? 1 : 4};
        case HookKind::post_accumulate:
            return {1, -order_.entered(place.module), 5};
        case HookKind::backward:
            return {1, -order_.entered(place.module), 6};
        case HookKind::step_pre:
            return {2, 0, 0};
        case HookKind::step_post:
            return {2, 1, 0};
        }
        return {};
    }

    const HookBench::Impl& bench_;
    ModuleOrder order_;
    std::map<std::uint64_t, const HookBench::Impl::Hook*> own_; ///< by the id of their handle
    std::vector<Keyed> rows_;
};

} // namespace

std::shared_ptr<const HookTable> list_hooks(const HookBench::Impl& bench) {
    const auto trace = bench.last_step ? bench.last_step() : nullptr;
    if (bench.training) return HookLister(bench, trace.get()).list();
    auto table = std::make_shared<HookTable>();
    for (const auto& hook : bench.hooks) {
        if (hook->removed) continue;
        HookRow row;
        row.id = hook->id;
        row.spec = hook->spec;
        row.problem = "no model is there";
        table->rows.push_back(std::move(row));
    }
    return table;
}

} // namespace hs::session
