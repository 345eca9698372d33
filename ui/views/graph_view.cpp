#include "ui/views/graph_view.h"

#include "ui/views/graph_canvas.h"
#include "ui/views/zoom_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

namespace hs::ui {

GraphView::GraphView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_canvas(new GraphCanvas(session, selection, cursor, this)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_canvas);

    m_searchBar = new QWidget(m_canvas);
    auto* row = new QHBoxLayout(m_searchBar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_search = new QLineEdit(m_searchBar);
    m_search->setPlaceholderText(tr("Find a node"));
    m_search->setAccessibleName(tr("Find a node"));
    m_search->setToolTip(
        tr("Name, operation, leaf, module or #number. Enter: next, Shift+Enter: before, Escape: back"));
    m_search->setClearButtonEnabled(true);
    m_search->setFixedWidth(220);
    m_search->installEventFilter(this);
    m_found = new QLabel(m_searchBar);
    m_found->setProperty("secondary", true);
    m_found->setMinimumWidth(72);
    row->addWidget(m_found);
    row->addWidget(m_search);
    m_searchBar->hide();
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        const auto count = static_cast<int>(m_canvas->model().findNodes(text).size());
        m_found->setText(text.isEmpty() ? QString() : count == 0 ? tr("no node") : tr("%Ln node(s)", nullptr, count));
    });

    m_zoomBar = new ZoomBar(*m_canvas, m_canvas);
    m_follow = m_zoomBar->addButton(tr("Follow"), tr("Keep the running node in view (T)"));
    m_follow->setCheckable(true);
    m_follow->setChecked(m_canvas->followsStep());
    auto* find = m_zoomBar->addButton(tr("Find"), tr("Find a node (/)"));
    auto* close = m_zoomBar->addButton(tr("Collapse"), tr("Collapse all modules (Space: the selected node's)"));
    auto* open = m_zoomBar->addButton(tr("Open"), tr("Open all modules (Space: the selected one)"));
    connect(m_follow, &QToolButton::toggled, m_canvas, &GraphCanvas::setFollowsStep);
    connect(m_canvas, &GraphCanvas::followChanged, m_follow, &QToolButton::setChecked);
    connect(find, &QToolButton::clicked, this, &GraphView::search);
    connect(close, &QToolButton::clicked, m_canvas, [this] { m_canvas->collapseAll(true); });
    connect(open, &QToolButton::clicked, m_canvas, [this] { m_canvas->collapseAll(false); });
    connect(m_canvas, &GraphCanvas::searchRequested, this, &GraphView::search);
    connect(m_canvas, &GraphCanvas::runToRequested, this, &GraphView::runToRequested);
    connect(m_canvas, &GraphCanvas::laidOut, this, &GraphView::place);
    setFocusProxy(m_canvas);
    place();
}

void GraphView::setDevice(std::shared_ptr<GpuDevice> device, const QString& problem) {
    m_canvas->setDevice(std::move(device), problem);
}

void GraphView::search() {
    m_searchBar->show();
    place();
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void GraphView::findNext(bool backwards) {
    const int count = m_canvas->find(m_search->text(), backwards);
    m_found->setText(count == 0 ? tr("no node") : tr("%Ln node(s)", nullptr, count));
}

void GraphView::endSearch() {
    m_searchBar->hide();
    m_canvas->setFocus(Qt::ShortcutFocusReason);
}

bool GraphView::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_search || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->key() == Qt::Key_Escape) {
        endSearch();
        return true;
    }
    if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
        findNext(key->modifiers() & Qt::ShiftModifier);
        return true;
    }
    return false;
}

void GraphView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    place();
}

void GraphView::place() {
    const bool shown = !m_canvas->model().empty();
    m_zoomBar->setVisible(shown);
    if (!shown) m_searchBar->hide();
    m_searchBar->adjustSize();
    m_searchBar->move(m_canvas->width() - m_searchBar->width() - 12, 10);
    m_zoomBar->adjustSize();
    m_zoomBar->move(12, m_canvas->height() - m_zoomBar->height() - 12);
}

} // namespace hs::ui
