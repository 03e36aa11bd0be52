using System.CommandLine;
using OpenCharly.Cli;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

/// <summary>A command on a host of its own: a temporary home, text for standard input, and no terminal.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public string Home { get; } = Directory.CreateTempSubdirectory("charly-cli-").FullName;

    public Dictionary<string, string> Variables { get; } = new() { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "" };

    public string Input { get; init; } = "";

    public bool CanAsk { get; init; }

    /// <summary>What somebody types without its being shown.</summary>
    public Func<string> ReadHidden { get; init; } = () => "";

    public IProcessRunner? Processes { get; init; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public string HostFile => Path.Combine(Home, ".config", "charly", "charly.yml");

    public CommandHost Host => new(
        new CharlyEnvironment { Variables = Variables, Home = Home, WorkingDirectory = Home },
        new Terminal { Out = _output, Error = _error, In = new StringReader(Input), CanAsk = CanAsk, ReadHidden = ReadHidden },
        Processes);

    public Task<int> RunAsync(params string[] arguments) => Host.RunAsync(arguments, CancellationToken.None);

    public Invocation Invoke(params string[] arguments)
    {
        var host = Host;
        return new Invocation(host, host.Parse(arguments));
    }

    /// <summary>Parses a line that must be right, and gives the command that it names.</summary>
    public static (T Command, ParseResult Parsed) Parse<T>(string line)
        where T : Command
    {
        using var run = new CommandRun();
        var parsed = run.Host.Parse(line.Split(' '));
        Assert.Empty(parsed.Errors);
        return (Assert.IsType<T>(parsed.CommandResult.Command), parsed);
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);
}
