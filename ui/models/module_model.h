#pragma once

#include "engine/trace/trace.h"

#include <QAbstractItemModel>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hs::ui {

class BreakpointModel;

/// The module tree of a model and what the newest trace says of each module. Rows change only with the table of
/// modules; a trace changes cells, and only those that differ.
class ModuleModel : public QAbstractItemModel {
    Q_OBJECT

  public:
    enum Column { Name, Type, Parameters, Output, Gradient, Mode, RequiresGrad, Hooks, ColumnCount };
    enum Role {
        PathRole = Qt::UserRole, ///< QString
        GradientNormRole,        ///< double: L2 norm of the gradients of the module's own parameters; invalid: none
        NonFiniteRole,           ///< bool: NaN or Inf in its output or gradients
        FrozenRole,              ///< bool: it has parameters of its own, and none requires a gradient
        HooksRole,               ///< int
        SearchRole,              ///< QString: what the filter looks through
        BreakRole,               ///< int: BreakpointModel::Mark
    };

    explicit ModuleModel(QObject* parent = nullptr);

    /// Resets the model, unless the table has the same modules in the same places.
    void setModules(std::shared_ptr<const trace::ModuleTable> modules);
    /// Takes shapes and norms from a trace. Null: nothing is known.
    void setTrace(const trace::Trace* trace);
    /// Whose marks stand beside the names; it outlives this.
    void setBreakpoints(const BreakpointModel& breakpoints);

    const std::shared_ptr<const trace::ModuleTable>& modules() const { return m_modules; }
    QModelIndex indexOf(const std::string& path) const;
    const trace::Module* module(const QModelIndex& index) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

  private:
    struct Live {
        std::optional<Shape> output;
        std::optional<double> gradientNorm;
        bool nonFinite = false;

        bool operator==(const Live&) const = default;
    };
    struct Place {
        int row = 0; ///< within the parent
        std::vector<int> children;
    };

    QVariant text(const trace::Module& module, const Live& live, int column) const;
    QString toolTip(const trace::Module& module, const Live& live, int column) const;
    bool sameStructure(const trace::ModuleTable& table) const;
    void rebuild();
    QModelIndex indexAt(int module, int column) const;

    const BreakpointModel* m_breakpoints = nullptr;
    std::shared_ptr<const trace::ModuleTable> m_modules;
    std::vector<Place> m_places;
    std::vector<Live> m_live;
    std::unordered_map<std::string, int> m_byPath;
};

/// Whether a module has parameters of its own and none of them requires a gradient.
bool isFrozen(const trace::Module& module);

} // namespace hs::ui
