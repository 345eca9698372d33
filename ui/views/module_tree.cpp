#include "ui/views/module_tree.h"

#include "ui/models/module_filter.h"
#include "ui/models/module_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/theme/icons.h"
#include "ui/views/module_card.h"
#include "ui/views/module_view.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace hs::ui {

namespace {

/// Bars follow the training, but no eye reads more than this.
constexpr int traceMs = 100;
/// Trees above this open only their first two levels.
constexpr std::size_t openAllUpTo = 200;

} // namespace

ModuleTree::ModuleTree(SessionModel& session, Selection& selection, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_model(new ModuleModel(this)),
      m_filter(new ModuleFilter(this)), m_filterBox(new QLineEdit(this)), m_view(new ModuleView(this)),
      m_card(new ModuleCard(session, selection, this)), m_empty(new QLabel(this)) {
    m_filter->setSourceModel(m_model);
    m_view->setModel(m_filter);
    m_filterBox->setPlaceholderText(tr("Filter by name, type or shape"));
    m_filterBox->setAccessibleName(tr("Filter modules"));
    m_filterBox->setClearButtonEnabled(true);
    m_filterBox->addAction(icon(QStringLiteral("search"), Token::text3), QLineEdit::LeadingPosition);
    m_filterBox->installEventFilter(this);
    m_view->installEventFilter(this);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* top = new QVBoxLayout;
    top->setContentsMargins(10, 8, 10, 8);
    top->addWidget(m_filterBox);
    layout->addLayout(top);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(m_empty, 1);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_card);
    setFocusProxy(m_view);

    m_traceTimer.setSingleShot(true);
    m_traceTimer.setInterval(traceMs);
    connect(&m_traceTimer, &QTimer::timeout, this, &ModuleTree::takeTrace);
    connect(m_filterBox, &QLineEdit::textChanged, this, &ModuleTree::applyFilter);
    connect(&session, &SessionModel::modulesChanged, this, &ModuleTree::takeModules);
    connect(&session, &SessionModel::traceChanged, this, [this] {
        if (isVisible() && !m_traceTimer.isActive()) m_traceTimer.start();
    });
    connect(&selection, &Selection::moduleChanged, this, &ModuleTree::showSelection);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (m_syncing || !current.isValid()) return;
        m_selection.selectModule(current.data(ModuleModel::PathRole).toString().toStdString());
    });
    connect(m_view, &QTreeView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == ModuleModel::Mode)
            emit modeClicked(index.data(ModuleModel::PathRole).toString().toStdString());
    });
    takeModules();
}

void ModuleTree::showModules(const std::shared_ptr<const trace::ModuleTable>& modules) {
    m_model->setModules(modules);
    m_card->showModules(modules);
}

void ModuleTree::takeModules() {
    const auto& modules = m_session.modules();
    // The model's first row appears with the selection that is shared already; a reset must not change it.
    m_syncing = true;
    m_model->setModules(modules);
    m_model->setTrace(m_session.trace().get());
    m_syncing = false;
    if (modules && modules->size() <= openAllUpTo)
        m_view->expandAll();
    else
        m_view->expandToDepth(1);
    showSelection();
    showEmpty();
}

void ModuleTree::showEmpty() {
    const bool empty = m_filter->rowCount() == 0;
    m_empty->setText(m_model->rowCount() == 0 ? tr("The modules of the model will be listed here.")
                                              : tr("No module matches the filter."));
    m_empty->setVisible(empty);
    m_view->setVisible(!empty);
}

void ModuleTree::takeTrace() {
    m_model->setTrace(m_session.trace().get());
}

void ModuleTree::showSelection() {
    const QModelIndex index = m_filter->mapFromSource(m_model->indexOf(m_selection.module()));
    if (!index.isValid() || index == m_view->currentIndex()) return;
    m_syncing = true;
    m_view->setCurrentIndex(index);
    m_view->scrollTo(index);
    m_syncing = false;
}

void ModuleTree::applyFilter(const QString& text) {
    m_syncing = true;
    m_filter->setText(text);
    m_syncing = false;
    if (m_filter->isActive()) m_view->expandAll();
    showSelection();
    showEmpty();
}

void ModuleTree::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    takeTrace();
}

bool ModuleTree::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return false;
    const auto* key = static_cast<QKeyEvent*>(event);
    if (watched == m_filterBox && key->key() == Qt::Key_Down) {
        m_view->setFocus(Qt::TabFocusReason);
        return true;
    }
    if (watched == m_filterBox && key->key() == Qt::Key_Escape && !m_filterBox->text().isEmpty()) {
        m_filterBox->clear();
        return true;
    }
    if (watched == m_view && key->matches(QKeySequence::Find)) {
        m_filterBox->setFocus(Qt::ShortcutFocusReason);
        return true;
    }
    return false;
}

} // namespace hs::ui
