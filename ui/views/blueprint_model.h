#pragma once

#include "engine/trace/trace.h"
#include "ui/layout/blueprint_layout.h"
#include "ui/views/sample_values.h"

#include <QString>

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hs::ui {

/// What a card of the blueprint shows. Texts are made when figures change, four times a second at most; numbers of
/// maps and ridges with each step that is shown.
struct BlueprintCard {
    QString name;
    QString type;   ///< `Conv2d`, `MaxPool2d 2×2`
    QString member; ///< the parameter that is named on the card: `weight`
    trace::ValueKey output;
    Shape shape; ///< of the output; empty until the first step
    QString shapeText;
    SampleShape sample;
    std::int64_t mapsWanted = 0; ///< maps of a sample that are read
    std::vector<float> values;   ///< of the sample that is shown
    double low = 0, high = 0;    ///< of the whole output, all samples: the range of its colours
    bool nonFinite = false;

    bool hasGradient = false;
    double gradientNorm = 0;
    std::array<float, trace::bin_count> gradientBins{};

    QString norm;      ///< of the output's gradient
    QString shortNorm; ///< the same where there is little room
    QString zeros;
    QString mean;
    QString most;
};

/// The blueprint without its picture: which boxes there are, where, and what they hold. Knows no widgets and no GPU.
class BlueprintModel {
  public:
    /// Most maps that a card shows of a module.
    static constexpr std::int64_t mapsOnCard = 16;

    /// Takes a model. `trace` is a step of it or null. Returns whether boxes changed.
    bool setModel(std::shared_ptr<const trace::ModuleTable> modules, const trace::Trace* trace,
                  const std::vector<std::string>& classNames);
    /// Lays it out for a view of that size.
    void layOut(double width, double height);
    /// Whether it has been built with what a step says (order, shapes), so that it will not change any more.
    bool isSettled() const { return m_settled; }

    const trace::ModuleTable* modules() const { return m_modules.get(); }
    const BlueprintGraph& graph() const { return m_graph; }
    const BlueprintLayout& layout() const { return m_layout; }
    const BlueprintCard& card(std::size_t item) const { return m_cards[item]; }
    const std::vector<QString>& classNames() const { return m_classNames; }

    /// Takes the numbers of the sample from a step that kept values; cards outside `items` are left as they are.
    void readValues(const trace::Trace& trace, std::int64_t sample, const std::vector<std::size_t>& items);
    /// Takes norms, ranges and bins of all cards.
    void readSummaries(const trace::Trace& trace);
    /// Makes the texts of figures; after readSummaries.
    void formatFigures(const trace::Trace& trace);
    /// Keys of what readValues reads for these items.
    std::set<trace::ValueKey> keysOf(const std::vector<std::size_t>& items) const;

    const std::vector<float>& inputValues() const { return m_input; }
    const SampleShape& inputShape() const { return m_inputShape; }
    const Shape& inputTensorShape() const { return m_inputTensor; }
    const QString& inputShapeText() const { return m_inputShapeText; }
    /// Class of the sample, or -1.
    std::int64_t target() const { return m_target; }
    const std::vector<float>& targets() const { return m_targets; } ///< of the whole batch, where points are drawn
    const std::vector<float>& picture() const { return m_picture; }
    const SampleShape& pictureShape() const { return m_pictureShape; }
    const QString& lossName() const { return m_lossName; }
    std::int64_t samples() const { return m_inputShape.samples; }

    /// The item of a module path, or graph().items.size().
    std::size_t itemOf(const std::string& path) const;
    /// Path of the module that is selected with an item: for a join its container's, for a column none ("").
    std::string pathOf(std::size_t item) const;
    /// Several lines about an item: what the tooltip says.
    QString describe(std::size_t item) const;
    /// What leaves `item` as a tensor, for edges: shape text and gradient norm; empty where not known.
    const BlueprintCard* flowOf(std::size_t item) const;
    /// The probabilities that a card of classes stands for: softmax of its values.
    std::vector<float> classShares(std::size_t item) const;

  private:
    void makeCards(const trace::Trace* trace);
    void readEnds(const trace::Trace& trace, std::int64_t sample);

    std::shared_ptr<const trace::ModuleTable> m_modules;
    std::vector<QString> m_classNames;
    BlueprintGraph m_graph;
    BlueprintLayout m_layout;
    std::vector<BlueprintCard> m_cards;
    std::vector<float> m_input;
    std::vector<float> m_targets;
    std::vector<float> m_picture;
    SampleShape m_inputShape;
    SampleShape m_pictureShape;
    Shape m_inputTensor;
    QString m_inputShapeText;
    QString m_lossName;
    std::int64_t m_target = -1;
    bool m_settled = false;
};

} // namespace hs::ui
