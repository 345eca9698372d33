#include "ui/models/module_model.h"

#include "ui/models/breakpoint_model.h"
#include "ui/theme/numbers.h"

#include <cmath>

namespace hs::ui {

namespace {

bool hasParameters(const trace::Module& module) {
    for (const trace::Member& member : module.members)
        if (!member.is_buffer) return true;
    return false;
}

} // namespace

bool isFrozen(const trace::Module& module) {
    if (!hasParameters(module)) return false;
    for (const trace::Member& member : module.members)
        if (!member.is_buffer && member.requires_grad) return false;
    return true;
}

ModuleModel::ModuleModel(QObject* parent) : QAbstractItemModel(parent) {}

bool ModuleModel::sameStructure(const trace::ModuleTable& table) const {
    if (!m_modules || m_modules->size() != table.size()) return false;
    for (std::size_t i = 0; i < table.size(); ++i)
        if ((*m_modules)[i].path != table[i].path || (*m_modules)[i].parent != table[i].parent) return false;
    return true;
}

void ModuleModel::setModules(std::shared_ptr<const trace::ModuleTable> modules) {
    if (modules == m_modules) return;
    if (modules && sameStructure(*modules)) {
        m_modules = std::move(modules);
        for (int i = 0; i < static_cast<int>(m_modules->size()); ++i)
            emit dataChanged(indexAt(i, 0), indexAt(i, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_modules = std::move(modules);
    rebuild();
    endResetModel();
}

void ModuleModel::rebuild() {
    m_places.clear();
    m_live.clear();
    m_byPath.clear();
    if (!m_modules) return;
    const std::size_t count = m_modules->size();
    m_places.resize(count);
    m_live.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const trace::Module& module = (*m_modules)[i];
        m_byPath.emplace(module.path, static_cast<int>(i));
        if (module.parent == trace::none) continue;
        auto& siblings = m_places[module.parent].children;
        m_places[i].row = static_cast<int>(siblings.size());
        siblings.push_back(static_cast<int>(i));
    }
}

void ModuleModel::setBreakpoints(const BreakpointModel& breakpoints) {
    m_breakpoints = &breakpoints;
    connect(&breakpoints, &BreakpointModel::changed, this, [this] {
        for (std::size_t i = 0; i < m_places.size(); ++i)
            emit dataChanged(indexAt(static_cast<int>(i), Name), indexAt(static_cast<int>(i), Name), {BreakRole});
    });
}

void ModuleModel::setTrace(const trace::Trace* trace) {
    std::vector<Live> live(m_live.size());
    const auto find = [&](const std::string& path) {
        const auto at = m_byPath.find(path);
        return at == m_byPath.end() ? nullptr : &live[static_cast<std::size_t>(at->second)];
    };
    if (trace) {
        const std::size_t values = trace->values.size();
        for (std::size_t i = 0; i < values; ++i) {
            const trace::Value& value = trace->values[i];
            if (value.key.role != trace::Role::output) continue;
            if (Live* entry = find(value.key.module)) entry->output = value.shape;
        }
        const std::size_t summaries = trace->summaries.size();
        for (std::size_t i = 0; i < summaries; ++i) {
            const trace::SummaryRecord& record = trace->summaries[i];
            if (record.value >= values) continue;
            const trace::ValueKey& key = trace->values[record.value].key;
            Live* entry = find(key.module);
            if (!entry) continue;
            if (key.role == trace::Role::gradient)
                entry->gradientNorm = std::hypot(entry->gradientNorm.value_or(0), record.summary.norm);
            if (key.role == trace::Role::gradient || key.role == trace::Role::output)
                entry->nonFinite |= !record.summary.finite();
        }
    }
    for (std::size_t i = 0; i < live.size(); ++i) {
        if (live[i] == m_live[i]) continue;
        m_live[i] = std::move(live[i]);
        emit dataChanged(indexAt(static_cast<int>(i), Name), indexAt(static_cast<int>(i), Gradient));
    }
}

QModelIndex ModuleModel::indexAt(int module, int column) const {
    return createIndex(m_places[static_cast<std::size_t>(module)].row, column, static_cast<quintptr>(module));
}

QModelIndex ModuleModel::indexOf(const std::string& path) const {
    const auto at = m_byPath.find(path);
    return at == m_byPath.end() ? QModelIndex() : indexAt(at->second, Name);
}

const trace::Module* ModuleModel::module(const QModelIndex& index) const {
    if (!index.isValid() || !m_modules || index.internalId() >= m_modules->size()) return nullptr;
    return &(*m_modules)[index.internalId()];
}

QModelIndex ModuleModel::index(int row, int column, const QModelIndex& parent) const {
    if (row < 0 || column < 0 || column >= ColumnCount || row >= rowCount(parent)) return {};
    if (!parent.isValid()) return indexAt(0, column);
    return indexAt(m_places[parent.internalId()].children[static_cast<std::size_t>(row)], column);
}

QModelIndex ModuleModel::parent(const QModelIndex& child) const {
    const trace::Module* of = module(child);
    return of && of->parent != trace::none ? indexAt(static_cast<int>(of->parent), Name) : QModelIndex();
}

int ModuleModel::rowCount(const QModelIndex& parent) const {
    if (!parent.isValid()) return m_places.empty() ? 0 : 1;
    if (parent.column() != Name) return 0;
    return static_cast<int>(m_places[parent.internalId()].children.size());
}

int ModuleModel::columnCount(const QModelIndex&) const {
    return ColumnCount;
}

QVariant ModuleModel::text(const trace::Module& module, const Live& live, int column) const {
    switch (column) {
    case Name:
        return QString::fromStdString(module.name);
    case Type:
        // The root is called by its class, which would stand here a second time.
        return module.parent == trace::none ? QString() : QString::fromStdString(module.type);
    case Parameters:
        return module.parameter_count ? formatCount(module.parameter_count) : QString();
    case Output:
        return live.output ? formatShape(*live.output) : QString();
    case Gradient:
        return live.gradientNorm ? formatNumber(*live.gradientNorm) : QString();
    case Mode:
        return module.training ? tr("T", "train mode") : tr("E", "eval mode");
    case RequiresGrad:
        return hasParameters(module) ? formatBool(!isFrozen(module)) : QString();
    case Hooks:
        return module.hook_count ? formatCount(module.hook_count) : QString();
    default:
        return {};
    }
}

QString ModuleModel::toolTip(const trace::Module& module, const Live& live, int column) const {
    switch (column) {
    case Output:
        return live.output ? tr("Output %1").arg(formatShape(*live.output)) : tr("No output recorded yet");
    case Gradient:
        if (isFrozen(module)) return tr("Frozen: no parameter requires a gradient");
        return live.gradientNorm
                   ? tr("Gradient norm %1; the bar is logarithmic, 1e−6 to 1e2").arg(formatNumber(*live.gradientNorm))
                   : QString();
    case Mode:
        return (module.training ? tr("train mode") : tr("eval mode")) + QLatin1Char('\n') +
               tr("A click or Ctrl+E switches it while paused");
    default:
        break;
    }
    const QString path = QString::fromStdString(module.path.empty() ? module.name : module.path);
    QString tip = path + QLatin1Char('\n') + QString::fromStdString(module.type) + QLatin1Char('(') +
                  QString::fromStdString(module.extra) + QLatin1Char(')');
    if (module.hook_count)
        tip += QLatin1Char('\n') + (module.hook_count == 1 ? tr("1 hook") : tr("%1 hooks").arg(module.hook_count));
    return tip;
}

QVariant ModuleModel::data(const QModelIndex& index, int role) const {
    const trace::Module* of = module(index);
    if (!of) return {};
    const Live& live = m_live[index.internalId()];
    switch (role) {
    case Qt::DisplayRole:
        return text(*of, live, index.column());
    case Qt::ToolTipRole:
        return toolTip(*of, live, index.column());
    case Qt::TextAlignmentRole:
        return QVariant(index.column() == Parameters ? Qt::AlignRight | Qt::AlignVCenter
                                                     : Qt::AlignLeft | Qt::AlignVCenter);
    case PathRole:
        return QString::fromStdString(of->path);
    case GradientNormRole:
        return live.gradientNorm ? QVariant(*live.gradientNorm) : QVariant();
    case NonFiniteRole:
        return live.nonFinite;
    case FrozenRole:
        return isFrozen(*of);
    case HooksRole:
        return of->hook_count;
    case BreakRole:
        return m_breakpoints ? static_cast<int>(m_breakpoints->markOf(of->path)) : 0;
    case SearchRole:
        return QString::fromStdString(of->path + ' ' + of->name + ' ' + of->type + ' ') +
               (live.output ? formatShape(*live.output) : QString());
    default:
        return {};
    }
}

QVariant ModuleModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(section == Parameters ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role == Qt::DisplayRole) {
        const QString titles[ColumnCount] = {tr("Name"), tr("Type"), tr("Params"),   tr("Output"),
                                             tr("Grad"), tr("T/E"),  tr("Requires"), tr("Hooks")};
        return titles[section];
    }
    if (role == Qt::ToolTipRole) {
        const QString tips[ColumnCount] = {tr("Name in its parent"),
                                           tr("Class of the module"),
                                           tr("Parameters, with those of all modules inside"),
                                           tr("Shape of the last output"),
                                           tr("Norm of the gradients of its own parameters; logarithmic, 1e−6 to 1e2"),
                                           tr("T: train mode, E: eval mode"),
                                           tr("requires_grad of its own parameters"),
                                           tr("Hooks that people have registered")};
        return tips[section];
    }
    return {};
}

} // namespace hs::ui
