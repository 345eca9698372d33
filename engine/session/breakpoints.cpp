#include "engine/session/breakpoints.h"

#include "engine/ops/op.h"
#include "engine/session/breakpoint_check.h"
#include "engine/session/engine.h"
#include "engine/session/module_path.h"
#include "engine/trace/moment.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <stdexcept>
#include <utility>

namespace hs::session {

using Check = Breakpoint::Check;
using Pass = Breakpoint::Pass;
using Place = Breakpoint::Place;
using Side = Breakpoint::Side;

namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw std::invalid_argument(why);
}

bool has_bound(Check check) {
    return check == Check::norm_above || check == Check::norm_below || check == Check::zeros_above;
}

/// What can be wrong with a breakpoint whatever the model.
void check_form(const Breakpoint& of) {
    if (of.from_hit < 1) refuse("a breakpoint stops from its first hit on at the earliest; the count begins at 1");
    if (of.place == Place::node && of.pass == Pass::forward)
        refuse("an autograd node runs in the backward pass only; choose an operation for the forward pass");
    if (of.place == Place::node && of.name.empty() && of.inside.empty())
        refuse("name a node, such as ReluBackward0, or a module whose nodes are meant");
    if (of.place == Place::operation && of.name.empty()) refuse("name an operation, such as conv2d");
    if (has_bound(of.check) && !(std::isfinite(of.bound) && of.bound >= 0))
        refuse("the bound must be a number, 0 or more");
    if (of.check == Check::zeros_above && of.bound > 1) refuse("the fraction of zeros lies between 0 and 1");
    if (of.check == Check::shape_is) parse_shape(of.shape);
}

std::string some_modules(const trace::ModuleTable& modules) {
    constexpr std::size_t most = 3;
    std::string text;
    for (std::size_t i = 1; i < modules.size() && i <= most; ++i)
        text += (i > 1 ? ", '" : "'") + modules[i].path + "'";
    return text + (modules.size() > most + 1 ? " and others" : "");
}

void check_module(const trace::ModuleTable* modules, const std::string& path) {
    if (!modules || module_at(*modules, path) != trace::none) return;
    for (const trace::Module& module : *modules)
        if (module.path.ends_with("." + path))
            refuse("there is no module '" + path + "' in this model; its path may be '" + module.path + "'");
    refuse("there is no module '" + path + "' in this model; there is " + some_modules(*modules));
}

bool same_but_hits(Breakpoint a, const Breakpoint& b) {
    a.hits = b.hits;
    a.in_model = b.in_model;
    a.enabled = b.enabled;
    return a == b;
}

} // namespace

std::vector<std::int64_t> parse_shape(const std::string& text) {
    std::vector<std::int64_t> sizes;
    std::size_t at = 0;
    const auto skip = [&] {
        while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
            ++at;
    };
    const auto wrong = [&](const std::string& wanted) {
        refuse("shape '" + text.substr(0, 60) + "', column " + std::to_string(at + 1) + ": expected " + wanted);
    };
    const auto take = [&](char c) {
        skip();
        const bool there = at < text.size() && text[at] == c;
        at += there ? 1 : 0;
        return there;
    };
    if (!take('[')) wrong("'['");
    if (!take(']')) {
        do {
            skip();
            if (take('*')) {
                sizes.push_back(-1);
                continue;
            }
            std::int64_t size = 0;
            const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), size);
            if (error != std::errc() || size < 0) wrong("a size or *");
            at = static_cast<std::size_t>(end - text.data());
            sizes.push_back(size);
        } while (take(','));
        if (!take(']')) wrong("',' or ']'");
    }
    skip();
    if (at != text.size()) wrong("nothing more");
    return sizes;
}

std::string place_text(const Breakpoint& of) {
    const std::string side = of.side == Side::before ? "before " : "after ";
    const std::string inside = of.inside.empty() ? "" : " in " + of.inside;
    if (of.place == Place::module) return side + (of.name.empty() ? "the model" : of.name);
    if (of.place == Place::operation) return "after " + of.name + inside;
    return side + (of.name.empty() ? "any node" : of.name) + inside;
}

std::string condition_text(const Breakpoint& of) {
    switch (of.check) {
    case Check::always:
        return {};
    case Check::has_nan:
        return "has NaN";
    case Check::has_inf:
        return "has Inf";
    case Check::norm_above:
        return "norm above " + number_text(of.bound);
    case Check::norm_below:
        return "norm below " + number_text(of.bound);
    case Check::zeros_above:
        return "zeros above " + number_text(of.bound * 100) + " %";
    case Check::shape_is:
        return "shape is " + of.shape;
    case Check::sign_change:
        return "mean changes its sign";
    }
    return {};
}

Breakpoints::Breakpoints(const trace::Published<std::shared_ptr<const trace::Trace>>& newest) : newest_(newest) {}

std::shared_ptr<const trace::ModuleTable> Breakpoints::modules() const {
    const auto trace = newest_.get();
    return trace ? trace->modules : nullptr;
}

void Breakpoints::check(const Breakpoint& of) const {
    check_form(of);
    const auto known = modules();
    if (of.place == Place::module) check_module(known.get(), of.name);
    if (of.place != Place::module && !of.inside.empty()) check_module(known.get(), of.inside);
    if (of.place == Place::module || of.name.empty()) return;
    const bool is_node = of.place == Place::node;
    const std::vector<std::string> names = is_node ? node_names() : operation_names();
    if (std::binary_search(names.begin(), names.end(), of.name)) return;
    const auto trace = newest_.get();
    for (std::size_t i = 0; trace && i < trace->nodes.size(); ++i)
        if ((is_node ? trace->nodes[i].name : trace->nodes[i].operation) == trace::Name(of.name)) return;
    for (std::size_t i = 0; is_node && known && i < known->size(); ++i) {
        const trace::Module& module = (*known)[i];
        for (const trace::Member& member : module.members)
            if (of.name == (module.path.empty() ? "" : module.path + ".") + member.name) return;
    }
    if (is_node) refuse("no node is called '" + of.name + "'; nodes have names like ReluBackward0 or AccumulateGrad");
    refuse("there is no operation '" + of.name + "'; operations have names like conv2d or relu");
}

bool Breakpoints::is_in_model(const Breakpoint& of, const trace::ModuleTable* known) const {
    if (!known) return false;
    if (of.place == Place::module) return module_at(*known, of.name) != trace::none;
    return of.inside.empty() || module_at(*known, of.inside) != trace::none;
}

Breakpoint* Breakpoints::find(int id) {
    const auto it = std::find_if(all_.begin(), all_.end(), [id](const Breakpoint& one) { return one.id == id; });
    return it == all_.end() ? nullptr : &*it;
}

void Breakpoints::changed() {
    revision_.fetch_add(1, std::memory_order_acq_rel);
    version_.fetch_add(1, std::memory_order_acq_rel);
}

int Breakpoints::add(Breakpoint breakpoint) {
    check(breakpoint);
    const std::lock_guard lock(mutex_);
    breakpoint.id = ++last_id_;
    breakpoint.hits = 0;
    all_.push_back(std::move(breakpoint));
    changed();
    return last_id_;
}

void Breakpoints::change(int id, Breakpoint breakpoint) {
    check(breakpoint);
    const std::lock_guard lock(mutex_);
    Breakpoint* const old = find(id);
    if (!old) refuse("there is no breakpoint " + std::to_string(id));
    breakpoint.id = id;
    breakpoint.hits = same_but_hits(breakpoint, *old) ? old->hits : 0;
    *old = std::move(breakpoint);
    std::erase_if(seen_, [id](const Seen& seen) { return seen.stop.breakpoint == id; });
    changed();
}

bool Breakpoints::remove(int id) {
    const std::lock_guard lock(mutex_);
    if (std::erase_if(all_, [id](const Breakpoint& one) { return one.id == id; }) == 0) return false;
    std::erase_if(seen_, [id](const Seen& seen) { return seen.stop.breakpoint == id; });
    changed();
    return true;
}

bool Breakpoints::enable(int id, bool on) {
    const std::lock_guard lock(mutex_);
    Breakpoint* const it = find(id);
    if (!it) return false;
    it->enabled = on;
    changed();
    return true;
}

void Breakpoints::replace(std::vector<Breakpoint> breakpoints) {
    for (const Breakpoint& one : breakpoints)
        check_form(one);
    const std::lock_guard lock(mutex_);
    for (Breakpoint& one : breakpoints) {
        const Breakpoint* const old = find(one.id);
        one.hits = old && same_but_hits(one, *old) ? old->hits : 0;
        last_id_ = std::max(last_id_, one.id);
    }
    all_ = std::move(breakpoints);
    std::erase_if(seen_, [this](const Seen& seen) {
        const Breakpoint* const it = find(seen.stop.breakpoint);
        return !it || it->hits == 0;
    });
    changed();
}

std::vector<Breakpoint> Breakpoints::list() const {
    const auto known = modules();
    std::vector<Breakpoint> copy;
    {
        const std::lock_guard lock(mutex_);
        copy = all_;
    }
    for (Breakpoint& one : copy)
        one.in_model = !known || is_in_model(one, known.get());
    return copy;
}

std::vector<Breakpoint> Breakpoints::active() const {
    std::vector<Breakpoint> copy = list();
    std::erase_if(copy, [](const Breakpoint& one) { return !one.enabled || !one.in_model; });
    return copy;
}

bool Breakpoints::count_hit(int id, const Stop& stop, std::int64_t step) {
    const std::lock_guard lock(mutex_);
    Breakpoint* const it = find(id);
    if (!it) return false;
    if (!seen_.empty() && seen_.front().step != step) seen_.clear();
    seen_.push_back({step, stop});
    ++it->hits;
    version_.fetch_add(1, std::memory_order_acq_rel);
    return it->hits >= it->from_hit;
}

void Breakpoints::forget_hits() {
    const std::lock_guard lock(mutex_);
    for (Breakpoint& one : all_)
        one.hits = 0;
    seen_.clear();
    changed();
}

/// The moments from `begin` on and before `end` at which a breakpoint holds, in order; or those at the first of them.
std::vector<Breakpoints::Stop> Breakpoints::stops(const trace::Trace& trace, std::size_t begin, std::size_t end,
                                                  bool first_only) const {
    std::vector<Stop> found;
    BreakpointCheck check;
    const std::vector<Breakpoint> all = active();
    check.set(all);
    const bool signs =
        std::any_of(all.begin(), all.end(), [](const Breakpoint& one) { return one.check == Check::sign_change; });
    // The event that led to `begin`, before the notes that belong to it.
    std::size_t i = signs ? 0 : std::min(begin, trace.events.size());
    if (i > 0) --i;
    while (i > 0 && trace::past_notes(trace, i) >= begin)
        --i;
    const std::size_t last = check.any() ? std::min(end, trace.events.size()) : 0;
    for (; i < last && !(first_only && !found.empty() && found.back().position >= begin); ++i) {
        const trace::Event& event = trace.events[i];
        const bool node = event.kind == trace::EventKind::backward || event.kind == trace::EventKind::accumulate_grad;
        if (node && check.wants_nodes()) check.before(trace, i, event.node, {}, found);
        check.after(trace, static_cast<trace::Id>(i), nullptr, found);
    }
    {
        const std::lock_guard lock(mutex_);
        for (const Seen& seen : seen_) {
            const auto it = std::find_if(all_.begin(), all_.end(),
                                         [&](const Breakpoint& one) { return one.id == seen.stop.breakpoint; });
            if (seen.step == trace.step && it != all_.end() && it->enabled) found.push_back(seen.stop);
        }
    }
    std::erase_if(found, [&](const Stop& stop) { return stop.position < begin || stop.position >= end; });
    std::stable_sort(found.begin(), found.end(), [](const Stop& a, const Stop& b) { return a.position < b.position; });
    return found;
}

std::optional<Breakpoints::Stop> Breakpoints::last_before(const trace::Trace& trace, std::size_t position) const {
    std::optional<Stop> last;
    for (const Stop& stop : stops(trace, 0, position, false))
        if (!last || stop.position != last->position) last = stop;
    return last;
}

std::optional<Breakpoints::Stop> Breakpoints::first_after(const trace::Trace& trace, std::size_t position,
                                                          std::size_t before) const {
    const std::vector<Stop> found = stops(trace, position + 1, before, true);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<std::string> Breakpoints::operation_names() {
    std::set<std::string> names;
    for (const Op* op : catalogue())
        if (!op->declaration().composite) names.insert(op->name());
    return {names.begin(), names.end()};
}

std::vector<std::string> Breakpoints::node_names() {
    std::set<std::string> names{"AccumulateGrad"};
    for (const Op* op : catalogue())
        if (!op->declaration().composite && !op->node_name().empty()) names.insert(op->node_name());
    return {names.begin(), names.end()};
}

Breakpoints& Session::breakpoints() const {
    return engine_->breakpoints;
}

} // namespace hs::session
