#pragma once

#include "engine/trace/published.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace hs::trace {

/// Points over steps in bounded memory, with one writer and any number of readers. `Point` has first_step, last_step
/// and samples, and `combine(const Point&, const Point&)` makes one of two neighbours.
///
/// Points lie in chunks of 64; only the newest chunk grows. When there is a chunk too many, two neighbouring ones
/// become one, neighbouring points being combined: the pair whose common span is the smallest part of its age, so that
/// the resolution falls off evenly towards the past. The two newest chunks are never touched.
template <class Point>
class SteppedSeries {
  public:
    static constexpr std::size_t chunk_points = 64;

    explicit SteppedSeries(std::size_t limit) : chunk_limit_(std::max<std::size_t>(3, limit / chunk_points)) {}

    // Writer only.
    /// The point Point{step, step, parts...}.
    template <class... Parts>
    void add(std::int64_t step, const Parts&... parts) {
        if (chunks_.empty() || chunks_.back()->points.size() == chunk_points) {
            chunks_.push_back(std::make_shared<Chunk>());
            spine_changed_ = true;
        }
        Chunk& tail = *chunks_.back();
        const bool unpublished = tail.points.size() > tail.visible.load(std::memory_order_relaxed);
        if (unpublished && tail.points.back().last_step == step)
            tail.points.back() = combine(tail.points.back(), Point{step, step, parts...});
        else
            tail.points.push_back({step, step, parts...});
        pending_ = true;
    }

    /// Brings the next point's place to the cache. Many series are added to in a row, each of them long out of it.
    void prefetch() const {
        if (chunks_.empty()) return;
        const std::vector<Point>& points = chunks_.back()->points;
        const auto* place = reinterpret_cast<const std::byte*>(points.data() + points.size());
        if (points.size() == chunk_points) return;
        for (std::size_t line = 0; line < sizeof(Point); line += 64)
            __builtin_prefetch(place + line, 1);
    }

    void publish() {
        if (!pending_) return;
        pending_ = false;
        for (std::size_t i = chunks_.size(); i-- > 0;) {
            Chunk& chunk = *chunks_[i];
            if (chunk.visible.load(std::memory_order_relaxed) == chunk.points.size()) break;
            chunk.visible.store(chunk.points.size(), std::memory_order_release);
        }
        publish_spine();
    }

    bool over_limit() const { return chunks_.size() > chunk_limit_; }

    /// Merges one pair of chunks. What is not published yet stays so.
    void thin() {
        const auto newest = static_cast<double>(last_step(*chunks_.back()));
        std::size_t best = 0;
        double best_share = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i + 3 < chunks_.size(); ++i) {
            const auto first = static_cast<double>(chunks_[i]->points[0].first_step);
            const auto last = static_cast<double>(last_step(*chunks_[i + 1]));
            const double share = (last - first + 1) / (newest - last + 1);
            if (share < best_share) {
                best_share = share;
                best = i;
            }
        }
        auto merged = std::make_shared<Chunk>();
        merge_into(*merged, *chunks_[best], *chunks_[best + 1]);
        chunks_[best] = std::move(merged);
        chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(best) + 1);
        spine_changed_ = true;
        publish_spine();
    }

    // Any thread.
    /// Calls `visit(const Point&)` from the newest point to the oldest, until it returns false.
    template <class Visit>
    void newest_first(Visit visit) const {
        const auto spine = spine_.get();
        if (!spine) return;
        for (std::size_t c = spine->size(); c-- > 0;) {
            const Chunk& chunk = *(*spine)[c];
            for (std::size_t i = chunk.visible.load(std::memory_order_acquire); i-- > 0;)
                if (!visit(chunk.points[i])) return;
        }
    }

    std::size_t bytes() const {
        const auto spine = spine_.get();
        return spine ? spine->size() * (sizeof(Chunk) + chunk_points * sizeof(Point)) : 0;
    }

  private:
    struct Chunk {
        Chunk() { points.reserve(chunk_points); } // so that what readers look at never moves
        std::vector<Point> points;
        std::atomic<std::size_t> visible{0};
    };
    using Spine = std::vector<std::shared_ptr<Chunk>>;

    static std::int64_t last_step(const Chunk& chunk) { return chunk.points.back().last_step; }

    /// The steps of both are cut into 64 equal runs; the points that end in one run become one.
    static void merge_into(Chunk& merged, const Chunk& a, const Chunk& b) {
        const std::int64_t first = a.points[0].first_step;
        const std::int64_t span = last_step(b) - first + 1;
        std::int64_t newest_run = -1;
        for (const Chunk* from : {&a, &b}) {
            for (const Point& point : from->points) {
                const std::int64_t run = (point.last_step - first) * static_cast<std::int64_t>(chunk_points) / span;
                if (run == newest_run)
                    merged.points.back() = combine(merged.points.back(), point);
                else
                    merged.points.push_back(point);
                newest_run = run;
            }
        }
        merged.visible.store(merged.points.size(), std::memory_order_relaxed);
    }

    void publish_spine() {
        if (!std::exchange(spine_changed_, false)) return;
        spine_.set(std::make_shared<const Spine>(chunks_));
    }

    const std::size_t chunk_limit_;
    Spine chunks_;
    bool pending_ = false;
    bool spine_changed_ = false;
    Published<std::shared_ptr<const Spine>> spine_;
};

} // namespace hs::trace
