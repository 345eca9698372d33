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
};

/// Loss and accuracy of the steps `first_step` to `last_step`.
struct ScalarPoint {
    std::int64_t first_step = 0;
    std::int64_t last_step = 0;
    double mean = 0;
    double min = 0;
    double max = 0;
};

/// Summaries over steps, one series a quantity, in bounded memory: when a series is full, neighbours are merged, so
/// every step stays counted and old ones lose resolution, newest ones never. One thread writes. Readers take what was
/// published last; neither side ever waits for the other.
class History {
  public:
    struct Limits {
        std::size_t points_per_series = 512;
        std::size_t scalar_points = 4096;
    };

    History();
    explicit History(Limits limits);
    ~History();

    // The writer's side.
    void add(const ValueKey& key, std::int64_t step, const Summary& summary);
    void add_scalar(const std::string& name, std::int64_t step, double value);
    void clear();
    /// Makes what was added since visible to readers; called once a step.
    void publish();

    // The readers' side, oldest point first.
    std::vector<ValueKey> keys() const;
    /// At most `limit` newest points (0: all), evenly thinned to `limit` where `span_steps` asks for more steps than
    /// that; empty when nothing is known of the key.
    std::vector<HistoryPoint> series(const ValueKey& key, std::size_t limit = 0, std::int64_t span_steps = 0) const;
    /// `loss`, `batch_accuracy`, `test_accuracy`, `learning_rate`.
    std::vector<ScalarPoint> scalars(const std::string& name) const;
    std::size_t bytes() const;
    std::int64_t steps() const;

  private:
    struct Data;
    std::unique_ptr<Data> data_;
};

} // namespace hs::trace
