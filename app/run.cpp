#include "app/run.h"

#include "app/demos/fashion_mnist.h"
#include "app/output.h"
#include "app/pictures.h"
#include "app/process.h"
#include "app/runner.h"
#include "engine/session/session.h"
#include "ui/models/session_model.h"
#include "ui/render/canvas_widget.h"
#include "ui/render/gpu_device.h"
#include "ui/theme/theme.h"
#include "ui/views/lesson_view.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QStandardPaths>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace hs::app {

namespace {

constexpr std::size_t memory_limit = 400'000'000;
constexpr std::int64_t headless_steps = 300;
constexpr int window_width = 1400;
constexpr int window_height = 900;
/// The last picture of every canvas is there by then, also on a slow software device.
constexpr int settle_ms = 700;

void check(const Options& options, const Demo& demo) {
    const bool teaches = options.scratch || !options.lesson.empty();
    if (teaches && options.headless) throw InputError("--scratch and --lesson need a window; leave --headless out");
    if (!options.lesson.empty()) {
        QString problem;
        if (!ui::readLesson(QString::fromStdString(options.lesson.string()), problem))
            throw InputError("--lesson: " + problem.toStdString());
    }
    if (demo.needs_data && !teaches) FashionMnist::check(options.data);
    if (!options.screenshot.empty()) check_output_folder("--screenshot", options.screenshot);
    if (!options.report.empty()) check_output_file("--report", options.report);
}

/// Qt ends the process with three lines when the display cannot be reached; one that says what to do serves better.
void on_message_before_the_display(QtMsgType type, const QMessageLogContext&, const QString&) {
    if (type != QtFatalMsg) return;
    const char* display = std::getenv("WAYLAND_DISPLAY");
    if (!display) display = std::getenv("DISPLAY");
    std::fprintf(stderr, "hookscope: the display '%s' cannot be reached; set DISPLAY, or train with --headless\n",
                 display ? display : "");
    std::_Exit(2);
}

void prepare_environment(bool headless) {
    // A minimal install has no locale, and Qt then reads file names as ASCII.
    if (!std::getenv("LC_ALL") && !std::getenv("LC_CTYPE") && !std::getenv("LANG")) setenv("LC_ALL", "C.UTF-8", 1);
    if (headless) setenv("QT_QPA_PLATFORM", "offscreen", 1);
    if (!headless && !std::getenv("QT_QPA_PLATFORM") && !std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY"))
        throw InputError("there is no display (DISPLAY is not set); set it, or train with --headless");
}

void write_report(const Options& options, const Report& report) {
    if (options.report.empty()) return;
    write_file(options.report, to_json(report));
    if (options.headless) std::printf("Report: %s\n", std::filesystem::absolute(options.report).c_str());
}

int run_without_pictures(const Options& options, const Demo& demo, int& argc, char** argv) {
    const QCoreApplication application(argc, argv);
    const auto bad_input = std::make_shared<BadInput>();
    const DemoSetup setup{options.data, engine_threads(options)};
    ui::SessionModel model;
    Runner runner(options, model, bad_input);
    QObject::connect(&runner, &Runner::over, &application, &QCoreApplication::quit, Qt::QueuedConnection);
    model.setSource(ui::makeSource(open_session(demo.prepare(setup), options, options.seed, bad_input)));
    model.setLevel(session::Level::summaries);
    model.run();
    runner.start();
    QCoreApplication::exec();
    model.poll();
    runner.print_failure();
    if (runner.exit_code() != 2) {
        std::printf("%s\n", runner.result_line().c_str());
        Report report = runner.report();
        report.render_device = "none: no pictures were asked for";
        write_report(options, report);
    }
    return runner.exit_code();
}

/// What is seen of the window's canvases.
class FrameMeter : public QObject {
  public:
    explicit FrameMeter(QMainWindow& window) : canvases_(window.findChildren<ui::CanvasWidget*>()) {
        for (const ui::CanvasWidget* canvas : canvases_) {
            connect(canvas, &ui::CanvasWidget::frameShown, this, [this] {
                if (since_first_.isValid()) return;
                first_frame_ms_ = process_age_ms();
                since_first_.start();
                pauses_.start();
            });
        }
    }

    WindowFigures figures() const {
        quint64 frames = 0;
        for (const ui::CanvasWidget* canvas : canvases_)
            frames = std::max(frames, canvas->stats().frames);
        const double seconds = since_first_.isValid() ? static_cast<double>(since_first_.nsecsElapsed()) * 1e-9 : 0;
        return {seconds > 0 ? static_cast<double>(frames) / seconds : 0, pauses_.longest_ms(), first_frame_ms_};
    }

  private:
    QList<ui::CanvasWidget*> canvases_;
    QElapsedTimer since_first_;
    PauseMeter pauses_;
    double first_frame_ms_ = 0;
};

ui::WindowSetup window_setup(const Options& options, std::span<const Demo> list,
                             const std::shared_ptr<BadInput>& bad_input) {
    ui::WindowSetup setup;
    for (const Demo& demo : list)
        setup.demos.append({QString::fromStdString(demo.name), QString::fromStdString(demo.summary)});
    setup.open = [options, list, bad_input](const QString& name, quint64 seed) {
        const Demo& demo = find_demo(list, name.toStdString());
        return ui::makeSource(
            open_session(demo.prepare({options.data, engine_threads(options)}), options, seed, bad_input));
    };
    setup.demo = QString::fromStdString(options.demo);
    setup.seed = options.seed;
    setup.scratch = options.scratch;
    setup.lesson = QString::fromStdString(options.lesson.string());
    setup.memoryLimit = memory_limit;
    // A run that is measured or looked at by a program must not depend on what a person did the day before.
    setup.keepsSettings = !options.headless;
    return setup;
}

void leave_pictures(const Options& options, ui::MainWindow& window) {
    if (options.screenshot.empty()) return;
    std::string names;
    for (const std::string& name : save_pictures(window, options.screenshot))
        names += (names.empty() ? "" : ", ") + name;
    if (options.headless)
        std::printf("Pictures: %s (%s)\n", std::filesystem::absolute(options.screenshot).c_str(), names.c_str());
}

int run_window(const Options& options, std::span<const Demo> list, int& argc, char** argv) {
    const QtMessageHandler usual = qInstallMessageHandler(on_message_before_the_display);
    QApplication application(argc, argv);
    qInstallMessageHandler(usual);
    QApplication::setApplicationName("Hookscope");
    QApplication::setApplicationVersion(HOOKSCOPE_VERSION);
    ui::GpuOptions gpu_options;
    gpu_options.pipelineCacheFile =
        QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + "/hookscope-pipelines";
    ui::GpuStart gpu(gpu_options);
    ui::Theme::instance().setMode(options.theme == "light" ? ui::Theme::Mode::light : ui::Theme::Mode::dark);
    ui::Theme::instance().applyToApplication();

    const auto bad_input = std::make_shared<BadInput>();
    ui::MainWindow window(window_setup(options, list, bad_input));
    FrameMeter frames(window);
    Runner runner(options, window.session(), bad_input);
    QString device;
    gpu.whenReady(&window, [&](const ui::GpuResult& result) {
        device = result.device ? result.device->summary() : "none: " + result.problem;
        window.setDevice(result.device, result.problem);
    });
    QObject::connect(&runner, &Runner::over, &window, [&] {
        QTimer::singleShot(options.screenshot.empty() ? 0 : settle_ms, &application, &QCoreApplication::quit);
    });
    if (options.headless) window.resize(window_width, window_height);
    window.show();
    runner.start();
    QApplication::exec();

    const WindowFigures figures = frames.figures();
    window.session().poll();
    runner.print_failure();
    if (runner.exit_code() == 2) return 2;
    if (options.headless) std::printf("%s\n", runner.result_line().c_str());
    leave_pictures(options, window);
    Report report = runner.report();
    report.render_device = device.toStdString();
    if (!options.headless) report.window = figures;
    write_report(options, report);
    return runner.exit_code();
}

} // namespace

int run(const Options& asked, std::span<const Demo> list) {
    Options options = asked;
    if (options.headless && options.steps == 0 && options.run_seconds == 0) options.steps = headless_steps;
    const Demo& demo = find_demo(list, options.demo);
    check(options, demo);
    prepare_environment(options.headless);
    int argc = 1;
    std::string name = "hookscope";
    std::array<char*, 2> argv{name.data(), nullptr};
    if (options.headless && options.screenshot.empty()) return run_without_pictures(options, demo, argc, argv.data());
    return run_window(options, list, argc, argv.data());
}

} // namespace hs::app
