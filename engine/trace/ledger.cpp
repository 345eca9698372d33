#include "engine/trace/ledger.h"

#include "engine/trace/wavefront.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace hs::trace {

namespace {

using LineKind = LedgerLine::Kind;

/// Goes through a step's events once and writes the lines of all parameters.
class LedgerWriter {
  public:
    LedgerWriter(const std::shared_ptr<const Trace>& trace, std::size_t position, const NormBefore& before)
        : trace_(trace), position_(std::min(position, trace->events.size())), before_(before) {
        read_parameters();
        read_graph();
    }

    Ledger write() {
        for (std::size_t i = 0; i < position_; ++i)
            take(static_cast<Id>(i), trace_->events[i]);
        if (pass_under_way_) add_pending();
        Ledger ledger;
        for (auto& [key, account] : accounts_)
            if (!account.lines.empty()) ledger.emplace(key, std::move(account.lines));
        return ledger;
    }

  private:
    struct Account {
        std::vector<LedgerLine> lines;
        Id leaf = none;
        bool has_grad = false;
        bool left_over = false; ///< what is there is of an earlier step
        double total = LedgerLine::unknown;
        std::size_t gradients_read = 0; ///< entries of Trace::edge_gradients that an earlier addition took
    };

    void read_parameters() {
        for (const Module& module : *trace_->modules)
            for (const Member& member : module.members)
                if (!member.is_buffer) accounts_.try_emplace({Role::parameter, module.path, member.name});
        if (!trace_->keeps_all) return;
        std::map<ValueKey, bool> seen;
        for (std::size_t i = 0; i < trace_->values.size() && seen.size() < accounts_.size(); ++i) {
            const Value& value = trace_->values[i];
            const auto account = accounts_.find(value.key);
            if (account == accounts_.end() || !seen.try_emplace(value.key, true).second) continue;
            account->second.has_grad = account->second.left_over = value.has_grad;
            if (value.has_grad && before_) account->second.total = before_(value.key);
        }
    }

    void read_graph() {
        std::unordered_map<std::string, Account*> by_name;
        for (auto& [key, account] : accounts_)
            by_name.emplace(to_string(key), &account);
        const std::size_t nodes = trace_->nodes.size();
        for (std::size_t i = 0; i < nodes; ++i) {
            const Node& node = trace_->nodes[i];
            if (!node.is_accumulate_grad) continue;
            const auto account = by_name.find(node.name);
            if (account != by_name.end()) account->second->leaf = static_cast<Id>(i);
        }
        const std::size_t edges = trace_->edges.size();
        for (std::size_t i = 0; i < edges; ++i)
            if (trace_->nodes[trace_->edges[i].to].is_accumulate_grad)
                senders_[trace_->edges[i].to].push_back(static_cast<Id>(i));
        const std::size_t sent = trace_->edge_gradients.size();
        for (std::size_t i = 0; i < sent; ++i)
            sent_[trace_->edge_gradients[i].edge].push_back(static_cast<Id>(i));
    }

    Account* account_of(const Event& event) {
        if (event.value == none) return nullptr;
        ValueKey key = trace_->values[event.value].key;
        if (key.role != Role::gradient && key.role != Role::parameter) return nullptr;
        key.role = Role::parameter;
        const auto found = accounts_.find(key);
        return found == accounts_.end() ? nullptr : &found->second;
    }

    double norm_of(Id summary) const {
        return summary == none ? LedgerLine::unknown : trace_->summaries[summary].summary.norm;
    }

    LedgerLine& line(Account& account, LineKind kind, Id event) {
        LedgerLine& added = account.lines.emplace_back();
        added.kind = kind;
        added.step = trace_->step;
        added.event = event;
        return added;
    }

    void take(Id id, const Event& event) {
        switch (event.kind) {
        case EventKind::pass_begin:
            ++pass_;
            pass_under_way_ = true;
            break;
        case EventKind::optimizer_begin:
            pass_under_way_ = false;
            for (auto& entry : accounts_)
                if (entry.second.has_grad) line(entry.second, LineKind::read, id).total = entry.second.total;
            break;
        case EventKind::accumulate_grad:
            if (Account* account = account_of(event)) add(*account, id, event);
            break;
        case EventKind::zero_grad:
            if (Account* account = account_of(event)) clear(*account, id, event);
            break;
        case EventKind::summary:
            if (event.value != none && trace_->values[event.value].key.role == Role::gradient)
                if (Account* account = account_of(event)) rewrite(*account, id, event);
            break;
        default:
            break;
        }
    }

    void clear(Account& account, Id id, const Event& event) {
        const bool to_none = trace_->values[event.value].key.role == Role::parameter;
        account.has_grad = !to_none;
        account.left_over = false;
        account.total = to_none ? LedgerLine::unknown : 0;
        line(account, to_none ? LineKind::set_to_none : LineKind::zeroed, id).total = account.total;
    }

    void rewrite(Account& account, Id id, const Event& event) {
        account.has_grad = true;
        account.left_over = false;
        account.total = norm_of(event.summary);
        line(account, LineKind::rewritten, id).total = account.total;
    }

    void tell_left_over(Account& account, Id id) {
        if (!std::exchange(account.left_over, false)) return;
        line(account, LineKind::left_over, id).total = account.total;
    }

    void add(Account& account, Id id, const Event& event) {
        tell_left_over(account, id);
        const std::size_t first = account.lines.size();
        if (event.node != none) add_paths(account, event.node, id);
        if (account.lines.size() == first) line(account, LineKind::added, id).pass = pass_;
        account.has_grad = true;
        account.total = norm_of(event.summary);
        account.lines.back().total = account.total;
        account.lines.back().event = id;
    }

    /// A line for each edge that has brought something since the last addition.
    void add_paths(Account& account, Id leaf, Id before) {
        const auto edges = senders_.find(leaf);
        if (edges == senders_.end()) return;
        std::size_t end = account.gradients_read;
        std::map<Id, Id> arrived; // by the event that sent it: the order in which they came
        for (Id edge : edges->second) {
            const auto sent = sent_.find(edge);
            if (sent == sent_.end()) continue;
            for (Id gradient : sent->second) {
                const EdgeGradient& entry = trace_->edge_gradients[gradient];
                if (gradient < account.gradients_read || entry.event >= before) continue;
                arrived.emplace(gradient, edge);
                end = std::max<std::size_t>(end, gradient + std::size_t{1});
            }
        }
        account.gradients_read = end;
        for (const auto& [gradient, edge] : arrived) {
            const EdgeGradient& entry = trace_->edge_gradients[gradient];
            LedgerLine& path = line(account, LineKind::added, entry.event);
            path.pass = pass_;
            path.norm = norm_of(entry.summary);
            name_sender(path, trace_->edges[edge].from);
        }
    }

    void name_sender(LedgerLine& path, Id from) const {
        const Node& node = trace_->nodes[from];
        path.sender = from;
        path.node = node.name;
        if (node.module != none) path.module = (*trace_->modules)[node.module].path;
    }

    void add_pending() {
        Wavefront wave(trace_);
        wave.move_to(position_);
        for (auto& entry : accounts_) {
            Account& account = entry.second;
            if (account.leaf == none || account.leaf >= wave.size()) continue;
            const NodeState state = wave.state(account.leaf);
            if (state != NodeState::waiting && state != NodeState::ready) continue;
            tell_left_over(account, none);
            LedgerLine& pending = line(account, LineKind::pending, none);
            pending.pass = pass_;
            pending.arrived = wave.arrived(account.leaf);
            pending.expected = wave.expected(account.leaf);
            pending.total = account.total;
        }
    }

    const std::shared_ptr<const Trace>& trace_;
    const std::size_t position_;
    const NormBefore& before_;
    std::map<ValueKey, Account> accounts_;
    std::unordered_map<Id, std::vector<Id>> senders_; ///< by AccumulateGrad: the edges to it
    std::unordered_map<Id, std::vector<Id>> sent_;    ///< by edge: what went along it
    int pass_ = 0;
    bool pass_under_way_ = false;
};

} // namespace

Ledger ledger_of(const std::shared_ptr<const Trace>& trace, std::size_t position, const NormBefore& before) {
    return LedgerWriter(trace, position, before).write();
}

void LedgerBook::take(const std::shared_ptr<const Trace>& trace, const NormBefore& before) {
    if (!trace || !trace->finished() || trace->step < 0 || last_.lock() == trace) return;
    if (trace->step < last_step_) clear();
    // The same step once more, with something noted behind its end.
    if (trace->step == last_step_)
        for (auto& [key, kept] : lines_)
            std::erase_if(kept, [&](const LedgerLine& line) { return line.step == trace->step; });
    last_ = trace;
    last_step_ = trace->step;
    for (auto& [key, added] : ledger_of(trace, trace->events.size(), before)) {
        std::vector<LedgerLine>& kept = lines_[key];
        kept.insert(kept.end(), added.begin(), added.end());
        if (kept.size() > 2 * limit_) // now and then, not with every line
            kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(limit_));
    }
}

const std::vector<LedgerLine>& LedgerBook::lines(const ValueKey& parameter) const {
    static const std::vector<LedgerLine> nothing;
    const auto found = lines_.find(parameter);
    return found == lines_.end() ? nothing : found->second;
}

double LedgerBook::total_after(const ValueKey& parameter, std::int64_t step) const {
    const std::vector<LedgerLine>& known = lines(parameter);
    for (std::size_t i = known.size(); i-- > 0;)
        if (known[i].step == step) return known[i].total;
    return LedgerLine::unknown;
}

void LedgerBook::clear() {
    lines_.clear();
    last_.reset();
    last_step_ = -1;
}

} // namespace hs::trace
