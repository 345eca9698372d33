#include "ui/views/blueprint_model.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

/// `MaxPool2d` with `extra` "2" or "kernel_size=2, stride=2" reads `MaxPool2d 2×2`; other types stand alone.
QString typeText(const trace::Module& module) {
    const QString type = QString::fromStdString(module.type);
    if (!type.contains(QLatin1String("Pool")) || type.startsWith(QLatin1String("Adaptive"))) return type;
    const QString extra = QString::fromStdString(module.extra);
    QString size;
    for (const QString& part : extra.split(QLatin1Char(','))) {
        const QString trimmed = part.trimmed();
        if (trimmed.startsWith(QLatin1String("kernel_size=")))
            size = trimmed.mid(12);
        else if (size.isEmpty() && !trimmed.contains(QLatin1Char('=')))
            size = trimmed;
    }
    bool number = false;
    const int side = size.toInt(&number);
    return number ? QStringLiteral("%1 %2×%2").arg(type).arg(side) : type;
}

bool mayDie(const std::string& type) {
    return type.find("ReLU") != std::string::npos;
}

} // namespace

bool BlueprintModel::setModel(std::shared_ptr<const trace::ModuleTable> modules, const trace::Trace* trace,
                              const std::vector<std::string>& classNames) {
    // A step that was recorded without values (a Watch may come late) says nothing of shapes.
    const bool known = trace && trace->finished() && trace->find({trace::Role::output, {}, {}}) != trace::none;
    if (modules == m_modules && (m_settled || (!known && !m_graph.items.empty()))) return false;
    if (modules != m_modules) {
        m_input.clear();
        m_targets.clear();
        m_picture.clear();
        m_inputShape = {};
        m_target = -1;
        m_inputShapeText.clear();
        m_lossName.clear();
    }
    m_modules = std::move(modules);
    m_classNames.clear();
    for (const std::string& name : classNames)
        m_classNames.push_back(QString::fromStdString(name));
    m_settled = known;
    m_graph =
        m_modules ? buildBlueprintGraph(*m_modules, known ? trace : nullptr, m_classNames.size()) : BlueprintGraph{};
    makeCards(known ? trace : nullptr);
    return true;
}

void BlueprintModel::layOut(double width, double height) {
    m_layout = layOutBlueprint(m_graph, width, height);
}

void BlueprintModel::makeCards(const trace::Trace* trace) {
    m_cards.assign(m_graph.items.size(), {});
    for (std::size_t i = 0; i < m_graph.items.size(); ++i) {
        const GraphItem& item = m_graph.items[i];
        BlueprintCard& card = m_cards[i];
        if (item.content == Content::join) card.name = QString::fromStdString(item.operation);
        if (item.module == trace::none) continue;
        const trace::Module& module = (*m_modules)[item.module];
        card.output = {trace::Role::output, module.path, {}};
        if (item.content != Content::join) {
            card.name = QString::fromStdString(module.name);
            card.type = typeText(module);
        }
        if (item.hasParameters) card.member = QString::fromStdString(module.members.front().name);
        if (!trace) continue;
        const trace::Id value = trace->find(card.output);
        if (value == trace::none) continue;
        card.shape = trace->values[value].shape;
        card.shapeText = formatShape(card.shape);
        card.sample = sampleShapeOf(card.shape);
        card.mapsWanted = std::min(card.sample.maps, mapsOnCard);
    }
    if (!trace) return;
    // What ran outside the model and made a graph node last is the loss.
    for (std::size_t e = trace->events.size(); e-- > 0;) {
        const trace::Event& event = trace->events[e];
        if (event.kind != trace::EventKind::forward || event.module != trace::none) continue;
        if (event.node >= trace->nodes.size()) continue;
        m_lossName = QString::fromStdString(trace->nodes[event.node].operation);
        break;
    }
}

std::set<trace::ValueKey> BlueprintModel::keysOf(const std::vector<std::size_t>& items) const {
    std::set<trace::ValueKey> keys;
    if (!m_modules) return keys;
    for (std::size_t item : items)
        if (m_graph.items[item].module != trace::none) keys.insert(m_cards[item].output);
    keys.insert({trace::Role::input, {}, {}});
    if (!m_classNames.empty()) keys.insert({trace::Role::target, {}, {}});
    if (m_graph.hasPicture) keys.insert({trace::Role::picture, {}, {}});
    return keys;
}

void BlueprintModel::readValues(const trace::Trace& trace, std::int64_t sample, const std::vector<std::size_t>& items) {
    for (std::size_t item : items) {
        if (item >= m_cards.size() || m_graph.items[item].module == trace::none) continue;
        BlueprintCard& card = m_cards[item];
        const trace::Id id = trace.find(card.output);
        // At a moment of a step that is not over, what is missing has not been computed yet.
        if (id == trace::none && !trace.finished()) card.values.clear();
        if (id == trace::none) continue;
        const trace::Value& value = trace.values[id];
        if (!value.snapshot) continue;
        readSample(value.snapshot, sample, card.mapsWanted, card.values);
    }
    readEnds(trace, sample);
}

void BlueprintModel::readEnds(const trace::Trace& trace, std::int64_t sample) {
    if (const trace::Id id = trace.find({trace::Role::input, {}, {}}); id != trace::none) {
        const trace::Value& value = trace.values[id];
        if (value.shape != m_inputTensor || m_inputShapeText.isEmpty()) {
            m_inputTensor = value.shape;
            m_inputShapeText = formatShape(value.shape);
            m_inputShape = sampleShapeOf(value.shape);
        }
        const bool points = m_inputShape.strip && m_inputShape.width == 2;
        if (!points) {
            readSample(value.snapshot, sample, m_inputShape.maps == 3 ? 1 : m_inputShape.maps, m_input);
        } else if (value.snapshot) {
            m_input.resize(static_cast<std::size_t>(std::min<std::int64_t>(value.snapshot.count(), 2048)));
            value.snapshot.read(0, m_input);
        }
    }
    m_target = -1;
    m_targets.clear();
    if (const trace::Id id = trace.find({trace::Role::target, {}, {}}); id != trace::none) {
        const trace::Snapshot& snapshot = trace.values[id].snapshot;
        if (snapshot && snapshot.shape().size() == 1) {
            m_target = sample < snapshot.count() ? static_cast<std::int64_t>(snapshot.at(sample)) : -1;
            m_targets.resize(static_cast<std::size_t>(std::min<std::int64_t>(snapshot.count(), 1024)));
            snapshot.read(0, m_targets);
        }
    }
    if (!m_graph.hasPicture) return;
    if (const trace::Id id = trace.find({trace::Role::picture, {}, {}}); id != trace::none) {
        const trace::Snapshot& snapshot = trace.values[id].snapshot;
        if (!snapshot || snapshot.shape().size() != 2) return;
        m_pictureShape = {1, 1, snapshot.shape()[0], snapshot.shape()[1], false};
        m_picture.resize(static_cast<std::size_t>(snapshot.count()));
        snapshot.read(0, m_picture);
    }
}

void BlueprintModel::readSummaries(const trace::Trace& trace) {
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        if (m_graph.items[i].module == trace::none) continue;
        BlueprintCard& card = m_cards[i];
        if (const trace::Summary* summary = trace.find_summary(card.output)) {
            card.low = summary->min;
            card.high = summary->max;
            card.nonFinite = !summary->finite();
        } else if (!trace.finished()) {
            card.low = card.high = 0;
            card.nonFinite = false;
        }
        const trace::Summary* gradient = trace.find_summary({trace::Role::output_gradient, card.output.module, {}});
        card.hasGradient = gradient != nullptr;
        if (!gradient) continue;
        card.gradientNorm = gradient->norm;
        card.nonFinite |= !gradient->finite();
        for (std::size_t bin = 0; bin < gradient->bins.size(); ++bin)
            card.gradientBins[bin] = static_cast<float>(gradient->bins[bin]);
    }
}

void BlueprintModel::formatFigures(const trace::Trace& trace) {
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        if (m_graph.items[i].module == trace::none) continue;
        BlueprintCard& card = m_cards[i];
        card.norm = card.hasGradient ? formatNumber(card.gradientNorm) : QString();
        card.shortNorm = card.hasGradient ? formatNumber(card.gradientNorm, 2) : QString();
        const trace::Summary* summary = trace.find_summary(card.output);
        if (!summary && !trace.finished()) {
            card.mean.clear();
            card.most.clear();
            card.zeros.clear();
        }
        if (!summary) continue;
        card.mean = formatNumber(summary->mean);
        card.most = formatNumber(summary->max);
        const bool zeros = mayDie((*m_modules)[m_graph.items[i].module].type);
        card.zeros = zeros ? formatPercent(summary->zero_fraction()) : QString();
    }
}

std::size_t BlueprintModel::itemOf(const std::string& path) const {
    if (!m_modules) return m_graph.items.size();
    for (std::size_t i = 0; i < m_modules->size(); ++i)
        if ((*m_modules)[i].path == path) return m_graph.itemOf(static_cast<trace::Id>(i));
    return m_graph.items.size();
}

std::string BlueprintModel::pathOf(std::size_t item) const {
    while (item < m_graph.items.size()) {
        if (m_graph.items[item].module != trace::none) return (*m_modules)[m_graph.items[item].module].path;
        if (item == m_graph.items[item].parent) break;
        item = m_graph.items[item].parent;
    }
    return {};
}

const BlueprintCard* BlueprintModel::flowOf(std::size_t item) const {
    if (m_graph.outputModule(item) == trace::none) return nullptr;
    return &m_cards[item];
}

std::vector<float> BlueprintModel::classShares(std::size_t item) const {
    std::vector<float> shares = m_cards[item].values;
    double low = 0;
    double high = 0;
    if (!finiteRange(shares, low, high)) return {};
    double sum = 0;
    for (float& share : shares) {
        share = std::isfinite(share) ? static_cast<float>(std::exp(static_cast<double>(share) - high)) : 0.0f;
        sum += static_cast<double>(share);
    }
    for (float& share : shares)
        share = static_cast<float>(static_cast<double>(share) / sum);
    return shares;
}

QString BlueprintModel::describe(std::size_t item) const {
    const auto tr = [](const char* text) { return QCoreApplication::translate("BlueprintModel", text); };
    if (item >= m_cards.size() || !m_modules) return {};
    const BlueprintCard& card = m_cards[item];
    const GraphItem& box = m_graph.items[item];
    if (box.content == Content::join)
        return tr("%1: brings two paths together").arg(card.name) +
               (card.shapeText.isEmpty() ? QString() : QLatin1Char('\n') + card.shapeText);
    if (box.module == trace::none) return {};
    const trace::Module& module = (*m_modules)[box.module];
    QStringList lines;
    const QString path = QString::fromStdString(module.path.empty() ? module.name : module.path);
    lines << QStringLiteral("%1: %2(%3)")
                 .arg(path, QString::fromStdString(module.type), QString::fromStdString(module.extra));
    if (module.parameter_count) lines << tr("%1 parameters").arg(formatCount(module.parameter_count));
    if (!card.shapeText.isEmpty()) lines << tr("output %1").arg(card.shapeText);
    if (card.low != card.high) lines << tr("from %1 to %2").arg(formatNumber(card.low), formatNumber(card.high));
    if (card.hasGradient) lines << tr("norm of the output's gradient %1").arg(formatNumber(card.gradientNorm));
    if (card.sample.maps > card.mapsWanted)
        lines << tr("first %1 of %2 maps shown").arg(card.mapsWanted).arg(card.sample.maps);
    if (box.content == Content::classes) lines << tr("bars: softmax of the output of the sample; outlined: its class");
    if (card.nonFinite) lines << tr("has NaN or Inf");
    return lines.join(QLatin1Char('\n'));
}

} // namespace hs::ui
