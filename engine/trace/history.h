#pragma once

#include "engine/trace/summary.h"
#include "engine/trace/value.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hs::trace {

/// A summary that stands for the steps `first_step` to `last_step`; more than one where a long history was thinned.
struct HistoryPoint {
    std::int64_t first_step = 0;
    std::int64_t last_step = 0;
    Summary summary;
    std::int64_t samples = 1; ///< summaries merged in it
};

/// Part of a series, oldest first.
struct Series {
    std::vector<HistoryPoint> points;
    std::int64_t every = 1; ///< 1: every stored point is there; N: one a run of N steps ("every 6th shown")

    bool empty() const { return points.empty(); }
    std::size_t size() const { return points.size(); }
    const HistoryPoint& operator[](std::size_t index) const { return points[index]; }
    const HistoryPoint& back() const { return points.back(); }
    auto begin() const { return points.begin(); }
    auto end() const { return points.end(); }
};

/// Loss and accuracy of the steps `first_step` to `last_step`.
struct ScalarPoint {
    std::int64_t first_step = 0;
    std::int64_t last_step = 0;
    double mean = 0;
    double min = 0;
    double max = 0;
    std::int64_t samples = 1;
};

/// Summaries over steps, one series a quantity, in bounded memory: when a series is full, neighbours are merged, so
/// every step stays counted and old ones lose resolution, newest ones never. One thread writes, any number read, and
/// neither side waits for the other: points lie in chunks that grow only at their end, and the list of chunks is
/// replaced as a whole (Published).
class History {
  public:
    struct Limits {
        std::size_t points_per_series = 512; ///< at least 192; thinning may lag behind by one chunk of 64
        std::size_t scalar_points = 4096;    ///< likewise
    };

    History();
    explicit History(Limits limits);
    ~History();

    // The writer's side. A second summary of one key in one step is merged with the first.
    void add(const ValueKey& key, std::int64_t step, const Summary& summary);
    /// The same without looking the key up: `index` came from index_of, and holds until clear().
    void add(std::size_t index, std::int64_t step, const Summary& summary);
    std::size_t index_of(const ValueKey& key);
    /// For a series that is added to soon: many that follow each other need not wait for memory one by one.
    void prefetch(std::size_t index) const;
    void add_scalar(const std::string& name, std::int64_t step, double value);
    /// Forgets everything, for readers too.
    void clear();
    /// Makes what was added since visible to readers; called once a step.
    void publish();

    // The readers' side, oldest point first.
    std::vector<ValueKey> keys() const;
    /// At most `limit` newest points (0: all). With `span_steps` above `limit` the last `span_steps` steps are shown by
    /// one point for each run of `every` = ceil(span_steps / limit) steps; the runs begin at multiples of `every`, so
    /// that the same steps are shown while new ones come in, and the newest point is always there. Empty when nothing
    /// is known of the key.
    Series series(const ValueKey& key, std::size_t limit = 0, std::int64_t span_steps = 0) const;
    /// `loss`, `batch_accuracy`, `test_accuracy`, `learning_rate`.
    std::vector<ScalarPoint> scalars(const std::string& name) const;
    /// Memory held by the points.
    std::size_t bytes() const;
    /// The newest published step, plus 1.
    std::int64_t steps() const;

  private:
    struct Data;
    std::unique_ptr<Data> data_;
};

} // namespace hs::trace
