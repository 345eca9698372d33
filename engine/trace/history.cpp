#include "engine/trace/history.h"

#include "engine/trace/published.h"
#include "engine/trace/series.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

namespace hs::trace {

// Found by SteppedSeries through their arguments, so not in the unnamed namespace.
static HistoryPoint combine(const HistoryPoint& a, const HistoryPoint& b) {
    return {a.first_step, b.last_step, merge(a.summary, b.summary, a.samples, b.samples), a.samples + b.samples};
}

static ScalarPoint combine(const ScalarPoint& a, const ScalarPoint& b) {
    const std::int64_t samples = a.samples + b.samples;
    const double share = static_cast<double>(b.samples) / static_cast<double>(samples);
    return {a.first_step,           b.last_step, a.mean + (b.mean - a.mean) * share, std::min(a.min, b.min),
            std::max(a.max, b.max), samples};
}

namespace {

using SummarySeries = SteppedSeries<HistoryPoint>;
using ScalarSeries = SteppedSeries<ScalarPoint>;

/// Names and their series: the writer's own table, and a copy of it for the readers, renewed when a name is new.
template <class Key, class Points>
class Directory {
  public:
    using Table = std::map<Key, std::shared_ptr<Points>>;

    std::size_t index_of(const Key& key, std::size_t limit) {
        const auto found = indices_.find(key);
        if (found != indices_.end()) return found->second;
        all_.push_back(std::make_shared<Points>(limit));
        table_.emplace(key, all_.back());
        renewed_ = true;
        return indices_.emplace(key, all_.size() - 1).first->second;
    }
    Points& operator[](std::size_t index) { return *all_.at(index); }

    void publish() {
        for (const auto& points : all_)
            points->publish();
        if (std::exchange(renewed_, false)) published_.set(std::make_shared<const Table>(table_));
        thin();
    }
    void clear() {
        indices_.clear();
        all_.clear();
        table_.clear();
        next_ = 0;
        published_.set(std::make_shared<const Table>());
    }

    std::shared_ptr<const Table> table() const { return published_.get(); }
    std::shared_ptr<const Points> find(const Key& key) const {
        const auto table = published_.get();
        const auto found = table->find(key);
        return found == table->end() ? nullptr : found->second;
    }

  private:
    /// All series tend to fill in the same step. A series needs thinning once in 64 steps, so with a few turns a step
    /// none falls behind, and no step pays for all.
    void thin() {
        std::size_t turns = 1 + all_.size() / (Points::chunk_points / 2);
        for (std::size_t looked_at = 0; looked_at < all_.size() && turns > 0; ++looked_at) {
            next_ = (next_ + 1) % all_.size();
            if (!all_[next_]->over_limit()) continue;
            all_[next_]->thin();
            --turns;
        }
    }

    std::map<Key, std::size_t> indices_;
    std::vector<std::shared_ptr<Points>> all_;
    Table table_;
    bool renewed_ = false;
    std::size_t next_ = 0;
    Published<std::shared_ptr<const Table>> published_{std::make_shared<const Table>()};
};

} // namespace

struct History::Data {
    explicit Data(Limits of) : limits(of) {}

    const Limits limits;
    Directory<ValueKey, SummarySeries> summaries;
    Directory<std::string, ScalarSeries> scalars;
    std::int64_t newest = -1; // the writer's
    std::atomic<std::int64_t> steps{0};
};

History::History() : History(Limits()) {}
History::History(Limits limits) : data_(std::make_unique<Data>(limits)) {}
History::~History() = default;

std::size_t History::index_of(const ValueKey& key) {
    return data_->summaries.index_of(key, data_->limits.points_per_series);
}

void History::prefetch(std::size_t index) const {
    data_->summaries[index].prefetch();
}

void History::add(std::size_t index, std::int64_t step, const Summary& summary) {
    data_->summaries[index].add(step, summary, 1);
    data_->newest = std::max(data_->newest, step);
}

void History::add(const ValueKey& key, std::int64_t step, const Summary& summary) {
    add(index_of(key), step, summary);
}

void History::add_scalar(const std::string& name, std::int64_t step, double value) {
    const std::size_t index = data_->scalars.index_of(name, data_->limits.scalar_points);
    data_->scalars[index].add(step, value, value, value, 1);
    data_->newest = std::max(data_->newest, step);
}

void History::clear() {
    data_->summaries.clear();
    data_->scalars.clear();
    data_->newest = -1;
    data_->steps.store(0, std::memory_order_release);
}

void History::publish() {
    data_->summaries.publish();
    data_->scalars.publish();
    data_->steps.store(data_->newest + 1, std::memory_order_release);
}

std::vector<ValueKey> History::keys() const {
    std::vector<ValueKey> keys;
    const auto table = data_->summaries.table();
    for (const auto& entry : *table)
        keys.push_back(entry.first);
    return keys;
}

Series History::series(const ValueKey& key, std::size_t limit, std::int64_t span_steps) const {
    Series result;
    const auto points = data_->summaries.find(key);
    if (!points) return result;
    const auto most = static_cast<std::int64_t>(limit);
    if (limit > 0 && span_steps > most) result.every = (span_steps + most - 1) / most;
    // Newest first: of each run the point that comes last here, its first, stays; the newest of all stays too.
    std::int64_t oldest_step = 0;
    points->newest_first([&](const HistoryPoint& point) {
        auto& found = result.points;
        if (found.empty())
            oldest_step = result.every > 1 ? std::max<std::int64_t>(point.last_step - span_steps + 1, 0) : 0;
        if (point.last_step < oldest_step) return false;
        const bool same_run =
            found.size() > 1 && found.back().first_step / result.every == point.first_step / result.every;
        if (result.every > 1 && same_run)
            found.back() = point;
        else if (limit == 0 || found.size() < limit)
            found.push_back(point);
        else
            return false;
        return true;
    });
    std::reverse(result.points.begin(), result.points.end());
    return result;
}

std::vector<ScalarPoint> History::scalars(const std::string& name) const {
    std::vector<ScalarPoint> result;
    const auto points = data_->scalars.find(name);
    if (!points) return result;
    points->newest_first([&](const ScalarPoint& point) {
        result.push_back(point);
        return true;
    });
    std::reverse(result.begin(), result.end());
    return result;
}

std::size_t History::bytes() const {
    std::size_t bytes = 0;
    const auto summaries = data_->summaries.table();
    const auto scalars = data_->scalars.table();
    for (const auto& entry : *summaries)
        bytes += entry.second->bytes();
    for (const auto& entry : *scalars)
        bytes += entry.second->bytes();
    return bytes;
}

std::int64_t History::steps() const {
    return data_->steps.load(std::memory_order_acquire);
}

} // namespace hs::trace
