#pragma once

#include "ui/models/trace_source.h"

#include <QList>
#include <QMainWindow>
#include <QString>

#include <functional>
#include <memory>

namespace hs::ui {

class GpuDevice;
class Selection;
class SessionModel;

/// A demo as the menus list it.
struct DemoEntry {
    QString name;    ///< `fashion-cnn`
    QString summary; ///< one sentence
};

/// What the window is given by the program; it knows neither engine nor demos by itself.
struct WindowSetup {
    QList<DemoEntry> demos;
    /// Starts a session for a demo of the list. It must return at once (session::Session does: it builds the model on
    /// its own thread and reports failures through its Status). May be called again for another demo.
    std::function<std::unique_ptr<TraceSource>(const QString& demo, quint64 seed)> open;
    QString demo; ///< opened by the constructor; empty: none is
    quint64 seed = 7;
    bool scratch = false;        ///< opens the scratch pad instead
    QString lesson;              ///< file of a lesson to open instead
    bool run = true;             ///< trains as soon as the model is there, instead of waiting for F5
    std::size_t memoryLimit = 0; ///< bytes, for the status bar; 0: only what is used is shown
    /// File that keeps the layout; empty: the user's own. A file that cannot be written is left alone silently.
    QString settingsFile;
    bool keepsSettings = true; ///< false: starts from the default layout and writes nothing
};

/// The window of the program. A program wires it in four lines:
///
///     Theme::instance().applyToApplication();
///     MainWindow window(setup);
///     gpu.whenReady(&window, [&](const GpuResult& result) { window.setDevice(result.device, result.problem); });
///     window.show();
///
/// Nothing modal is ever shown while training runs.
class MainWindow : public QMainWindow {
    Q_OBJECT

  public:
    explicit MainWindow(WindowSetup setup, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Gives all canvases their device, or the sentence why there is none, which they show.
    void setDevice(const std::shared_ptr<GpuDevice>& device, const QString& problem);
    /// Ends what is open and starts the demo of that name.
    void openDemo(const QString& name);
    /// Ends what is open and starts a scratch pad: with its text of last time, or a first example.
    void openScratchPad();
    /// Opens a lesson's file; empty: the one that is open, or the first.
    void openLesson(const QString& file);

    SessionModel& session() const;
    Selection& selection() const;

  protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

  private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace hs::ui
