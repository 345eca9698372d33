#include "engine/session/watches.h"

#include "engine/kernels/cpu/parallel.h"
#include "engine/script/evaluate.h"
#include "engine/session/engine.h"
#include "engine/session/trace_names.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hs::session {

namespace {

/// Steps that wait for an evaluation; each may hold all its bytes.
constexpr std::size_t waiting_limit = 3;
constexpr std::size_t shown_limit = 200;
/// A jump is a change of so many times the median change of the last steps.
constexpr double jump_factor = 10;
constexpr std::size_t jump_window = 32;

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.size() <= shown_limit) return text;
    std::size_t end = shown_limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return text.substr(0, end) + " ...";
}

std::optional<double> number_of(const script::Value& value) {
    if (const Scalar* number = value.number()) return number->to<double>();
    const Tensor* tensor = value.tensor();
    if (tensor && tensor->defined() && tensor->numel() == 1) return tensor->item<double>();
    return std::nullopt;
}

bool is_jump(const std::vector<WatchPoint>& before, double value) {
    if (before.empty()) return false;
    const double last = before.back().value;
    if (!std::isfinite(value)) return std::isfinite(last);
    if (!std::isfinite(last) || before.size() < jump_window / 4) return false;
    std::vector<double> changes;
    for (std::size_t i = before.size() - std::min(before.size(), jump_window) + 1; i < before.size(); ++i)
        changes.push_back(std::fabs(before[i].value - before[i - 1].value));
    const auto middle = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
    std::nth_element(changes.begin(), middle, changes.end());
    const double usual = std::max(*middle, std::fabs(last) * 1e-6);
    return std::fabs(value - last) > jump_factor * usual;
}

/// The dotted paths in an expression, each with all that it begins with.
void collect_paths(const script::Expression& of, std::set<std::string>& paths) {
    std::vector<std::string> parts;
    const script::Expression* at = &of;
    while (at->kind == script::Expression::Kind::attribute && at->parts[0]) {
        parts.push_back(at->text);
        at = at->parts[0].get();
    }
    if (at->kind == script::Expression::Kind::name) {
        std::string path = at->text;
        paths.insert(path);
        for (auto part = parts.rbegin(); part != parts.rend(); ++part)
            paths.insert(path += "." + *part);
        return;
    }
    for (const script::ExpressionPointer& part : at->parts)
        if (part) collect_paths(*part, paths);
}

} // namespace

struct Watches::Entry {
    WatchedExpression shown;
    script::ExpressionPointer expression; ///< null where it cannot be read
    std::set<std::string> paths;

    void read(const std::string& text);
    /// What it is worth, without the history.
    WatchedExpression evaluated(const std::shared_ptr<TraceNames>& names, std::int64_t step) const;
};

void Watches::Entry::read(const std::string& text) {
    const int id = shown.id;
    shown = {};
    shown.id = id;
    shown.text = text;
    expression.reset();
    paths.clear();
    try {
        if (text.size() > text_limit) throw Error("an expression has at most 1000 bytes");
        expression = script::parse_expression(text);
        collect_paths(*expression, paths);
    } catch (const script::ScriptError& error) {
        shown.error = error.what();
        shown.column = error.place.column;
    } catch (const std::exception& error) {
        shown.error = error.what();
    }
}

WatchedExpression Watches::Entry::evaluated(const std::shared_ptr<TraceNames>& names, std::int64_t step) const {
    WatchedExpression result;
    result.id = shown.id;
    result.text = shown.text;
    result.step = step;
    if (!expression) {
        result.error = shown.error;
        result.column = shown.column;
        return result;
    }
    try {
        const script::Value value = script::evaluate(*expression, names);
        result.value = one_line(script::to_string(value));
        result.number = number_of(value);
    } catch (const script::ScriptError& error) {
        result.error = error.what();
        result.column = error.place.column;
    } catch (const std::exception& error) {
        result.error = error.what();
    }
    return result;
}

Watches::Watches(const trace::Published<std::shared_ptr<const trace::Trace>>& newest)
    : newest_(newest), thread_([this] { work(); }) {}

Watches::~Watches() {
    {
        const std::lock_guard lock(mutex_);
        quit_ = true;
        work_.notify_all();
    }
    thread_.join();
}

Watches::Entry* Watches::find(int id) {
    const auto it =
        std::find_if(entries_.begin(), entries_.end(), [id](const Entry& one) { return one.shown.id == id; });
    return it == entries_.end() ? nullptr : &*it;
}

/// With the mutex held.
void Watches::changed() {
    revision_.fetch_add(1, std::memory_order_acq_rel);
    version_.fetch_add(1, std::memory_order_acq_rel);
    if (!moment_) moment_ = newest_.get();
    work_.notify_all();
}

int Watches::add(const std::string& text) {
    Entry entry;
    entry.read(text);
    const std::lock_guard lock(mutex_);
    entry.shown.id = ++last_id_;
    entries_.push_back(std::move(entry));
    changed();
    return last_id_;
}

bool Watches::change(int id, const std::string& text) {
    const std::lock_guard lock(mutex_);
    Entry* const it = find(id);
    if (!it) return false;
    it->read(text);
    changed();
    return true;
}

bool Watches::remove(int id) {
    const std::lock_guard lock(mutex_);
    if (std::erase_if(entries_, [id](const Entry& one) { return one.shown.id == id; }) == 0) return false;
    changed();
    return true;
}

void Watches::replace(const std::vector<WatchedExpression>& expressions) {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> entries;
    for (const WatchedExpression& one : expressions) {
        const Entry* const old = find(one.id);
        Entry entry;
        entry.shown.id = one.id;
        if (old && old->shown.text == one.text)
            entry = *old;
        else
            entry.read(one.text);
        last_id_ = std::max(last_id_, one.id);
        entries.push_back(std::move(entry));
    }
    entries_ = std::move(entries);
    changed();
}

std::vector<WatchedExpression> Watches::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<WatchedExpression> all;
    for (const Entry& entry : entries_)
        all.push_back(entry.shown);
    return all;
}

void Watches::look_at(std::shared_ptr<const trace::Trace> moment) {
    const std::lock_guard lock(mutex_);
    if (entries_.empty()) return;
    moment_ = std::move(moment);
    work_.notify_all();
}

bool Watches::wait_until_idle(double seconds) {
    std::unique_lock lock(mutex_);
    return work_.wait_for(lock, std::chrono::duration<double>(seconds),
                          [this] { return !busy_ && !moment_ && steps_.empty(); });
}

std::set<trace::ValueKey> Watches::keys() const {
    const auto newest = newest_.get();
    std::set<trace::ValueKey> keys;
    if (!newest) return keys;
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_)
        for (const std::string& path : entry.paths)
            if (const auto key = TraceNames::key_of(*newest->modules, path)) keys.insert(*key);
    return keys;
}

void Watches::step_finished(std::shared_ptr<const trace::Trace> step) {
    const std::lock_guard lock(mutex_);
    if (entries_.empty()) return;
    if (steps_.size() >= waiting_limit) steps_.pop_front();
    steps_.push_back(std::move(step));
    moment_.reset();
    work_.notify_all();
}

void Watches::forget() {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_)
        entry.read(std::string(entry.shown.text));
    steps_.clear();
    moment_.reset();
    changed();
}

void Watches::work() {
    set_num_threads(1); // the processor is the training's
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [this] { return quit_ || !steps_.empty() || moment_; });
        if (quit_) return;
        const bool finished = !steps_.empty();
        std::shared_ptr<const trace::Trace> trace;
        if (finished) {
            trace = std::move(steps_.front());
            steps_.pop_front();
        } else {
            trace = std::exchange(moment_, nullptr);
        }
        busy_ = true;
        const std::vector<Entry> entries = entries_;
        const std::uint64_t revision = revision_.load(std::memory_order_relaxed);
        lock.unlock();
        auto names = std::make_shared<TraceNames>(trace);
        std::vector<WatchedExpression> results;
        results.reserve(entries.size());
        for (const Entry& entry : entries)
            results.push_back(entry.evaluated(names, trace->step));
        // Whoever waits for the mutex does not wait for a step's tensors to be freed.
        names.reset();
        trace.reset();
        lock.lock();
        busy_ = false;
        take(std::move(results), finished && revision == revision_.load(std::memory_order_relaxed));
        work_.notify_all();
    }
}

/// Puts results in their places, with the mutex held; where somebody changed an expression meanwhile, its is old.
void Watches::take(std::vector<WatchedExpression> results, bool is_point) {
    for (WatchedExpression& result : results) {
        Entry* const entry = find(result.id);
        if (!entry || entry->shown.text != result.text) continue;
        result.history = std::move(entry->shown.history);
        if (is_point && result.number) {
            const bool jump = is_jump(result.history, *result.number);
            if (result.history.size() >= history_limit) result.history.erase(result.history.begin());
            result.history.push_back({result.step, *result.number, jump});
        }
        entry->shown = std::move(result);
    }
    version_.fetch_add(1, std::memory_order_acq_rel);
}

Watches& Session::watches() const {
    return engine_->watches;
}

} // namespace hs::session
