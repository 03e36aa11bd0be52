using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Execution;

/// <summary>This machine with a home folder of its own, gone after the test.</summary>
public sealed class LocalMachine : IDisposable
{
    public LocalMachine()
    {
        Home = Directory.CreateTempSubdirectory("charly-exec-").FullName;
        var real = CharlyEnvironment.FromProcess();
        Environment = real with
        {
            Home = Home,
            WorkingDirectory = Home,
            Variables = new Dictionary<string, string>(real.Variables) { ["HOME"] = Home, ["XDG_RUNTIME_DIR"] = Path.Combine(Home, "run") },
        };
        Processes = new ProcessRunner(Environment);
        Executor = new LocalExecutor(Environment, Processes);
    }

    public string Home { get; }

    public CharlyEnvironment Environment { get; }

    public ProcessRunner Processes { get; }

    public LocalExecutor Executor { get; }

    public string At(string name) => Path.Combine(Home, name);

    public void Dispose() => Directory.Delete(Home, recursive: true);
}
