#include "ui/views/module_card.h"

#include "ui/models/module_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"
#include "ui/views/fact_grid.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>

namespace hs::ui {

namespace {

constexpr int titleHeight = 28;

const QString unknown = QStringLiteral("–");

/// What one pass over a trace says of a module and all that is inside it.
struct Measured {
    std::int64_t forwardNs = 0;
    std::int64_t backwardNs = 0;
    const trace::Value* output = nullptr;
    const trace::Summary* outputSummary = nullptr;
};

bool isInside(const std::string& path, const std::string& ancestor) {
    return ancestor.empty() || path == ancestor ||
           (path.size() > ancestor.size() && path.starts_with(ancestor) && path[ancestor.size()] == '.');
}

Measured measure(const trace::Trace& trace, const std::string& path) {
    Measured measured;
    const trace::ModuleTable& modules = *trace.modules;
    std::vector<bool> inside(modules.size());
    for (std::size_t i = 0; i < modules.size(); ++i)
        inside[i] = isInside(modules[i].path, path);
    const std::size_t events = trace.events.size();
    for (std::size_t i = 0; i < events; ++i) {
        const trace::Event& event = trace.events[i];
        if (event.module >= inside.size() || !inside[event.module]) continue;
        if (event.kind == trace::EventKind::forward) measured.forwardNs += event.end_ns - event.begin_ns;
        if (event.kind == trace::EventKind::backward) measured.backwardNs += event.end_ns - event.begin_ns;
    }
    const trace::ValueKey key{trace::Role::output, path, {}};
    const trace::Id value = trace.find(key);
    if (value != trace::none) measured.output = &trace.values[value];
    measured.outputSummary = trace.find_summary(key);
    return measured;
}

QString duration(std::int64_t nanoseconds) {
    return nanoseconds > 0 ? formatSeconds(static_cast<double>(nanoseconds) * 1e-9) : unknown;
}

} // namespace

ModuleCard::ModuleCard(SessionModel& session, Selection& selection, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, titleHeight + 8, 12, 12);
    m_facts = new FactGrid(2, 20, false, this);
    layout->addWidget(m_facts);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(&session, &SessionModel::figuresChanged, this, &ModuleCard::refresh);
    connect(&session, &SessionModel::modulesChanged, this, [this] { showModules(m_session.modules()); });
    connect(&selection, &Selection::moduleChanged, this, &ModuleCard::refresh);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
    showModules(session.modules());
}

void ModuleCard::showModules(const std::shared_ptr<const trace::ModuleTable>& modules) {
    m_modules = modules;
    refresh();
}

void ModuleCard::refresh() {
    const auto& modules = m_modules;
    const trace::Module* module = nullptr;
    if (modules) {
        const auto at = std::find_if(modules->begin(), modules->end(),
                                     [&](const trace::Module& m) { return m.path == m_selection.module(); });
        if (at != modules->end()) module = &*at;
    }
    setVisible(module != nullptr);
    if (!module) return;
    const Measured measured = m_session.trace() ? measure(*m_session.trace(), module->path) : Measured{};
    const QString title = QString::fromStdString(module->name);
    const QString subtitle = QString::fromStdString(module->type) + QLatin1Char('(') +
                             QString::fromStdString(module->extra) + QLatin1Char(')');
    if (title != m_title || subtitle != m_subtitle) update();
    m_title = title;
    m_subtitle = subtitle;

    const auto outputBytes = [&] {
        if (!measured.output) return unknown;
        return formatBytes(static_cast<std::size_t>(element_count(measured.output->shape)) *
                           size_of(measured.output->dtype));
    };
    const QString zeros = measured.outputSummary ? formatPercent(measured.outputSummary->zero_fraction()) : unknown;
    const bool frozen = isFrozen(*module);
    std::vector<Fact> facts{
        {.label = tr("Parameters"), .value = formatCount(module->parameter_count)},
        {.label = tr("Forward"), .value = duration(measured.forwardNs)},
        {.label = tr("Output"), .value = outputBytes()},
        {.label = tr("Backward"), .value = duration(measured.backwardNs)},
        {.label = tr("Zeros"), .value = zeros, .toolTip = tr("Elements of the output that are 0: %1").arg(zeros)},
        {.label = tr("Hooks"), .value = formatCount(module->hook_count)},
        {.label = tr("Mode"), .value = module->training ? tr("train") : tr("eval")},
        {.label = tr("Gradients"),
         .value = frozen ? tr("frozen") : formatBool(module->parameter_count > 0),
         .toolTip = tr("requires_grad of its parameters")},
    };
    m_facts->setFacts(std::move(facts));
}

void ModuleCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(theme().color(Token::line));
    painter.drawLine(0, 0, width(), 0);
    QRect line(12, 8, width() - 24, titleHeight - 4);
    painter.setFont(theme().font(TypeSize::base, QFont::DemiBold));
    painter.setPen(theme().color(Token::text));
    const QString title = painter.fontMetrics().elidedText(m_title, Qt::ElideRight, line.width());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, title);
    line.setLeft(line.left() + painter.fontMetrics().horizontalAdvance(title) + 8);
    painter.setFont(theme().font(TypeSize::secondary));
    painter.setPen(theme().color(Token::text2));
    if (line.width() > 40) {
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_subtitle, Qt::ElideRight, line.width()));
    }
}

bool ModuleCard::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (help->pos().y() < titleHeight + 8) {
            QToolTip::showText(help->globalPos(), m_title + QLatin1Char(' ') + m_subtitle, this);
            return true;
        }
    }
    return QWidget::event(event);
}

} // namespace hs::ui
