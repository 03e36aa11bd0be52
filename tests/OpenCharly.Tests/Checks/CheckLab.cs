using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Tests.Execution;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Checks;

/// <summary>Checks on this machine, with a home folder of their own: real bash, real files, real sockets.</summary>
public sealed class CheckLab : IDisposable
{
    private readonly LocalMachine _machine = new();

    public LocalMachine Machine => _machine;

    public CheckLab()
    {
        Facts = new TargetFacts
        {
            OsId = "debian",
            OsVersion = "12",
            Tags = ["debian:12", "debian", "deb"],
            Format = "deb",
            User = System.Environment.UserName,
            Home = _machine.Home,
        };
    }

    public TargetFacts Facts { get; set; }

    public Dictionary<string, string> Values { get; } = new() { ["DEPLOY_NAME"] = "lab" };

    public List<CharlyEvent> Events { get; } = [];

    /// <summary>How many scripts went to the target.</summary>
    public int RoundTrips { get; private set; }

    /// <summary>The folders that scripts made on the target.</summary>
    public HashSet<string> Folders { get; } = [];

    public string Home => _machine.Home;

    /// <summary>The folders that programs are looked for in; <c>~/bin</c> comes first.</summary>
    public string Path { get; set; } = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";

    /// <summary>Puts a program of this text in front of all others.</summary>
    public void Program(string name, string script)
    {
        var file = System.IO.Path.Combine(Directory.CreateDirectory(System.IO.Path.Combine(Home, "bin")).FullName, name);
        File.WriteAllText(file, $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Hides all programs but these.</summary>
    public void OnlyPrograms(params string[] names)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Home, "only")).FullName;
        foreach (var name in names)
        {
            var file = Path.Split(':').Select(f => System.IO.Path.Combine(f, name)).First(File.Exists);
            File.CreateSymbolicLink(System.IO.Path.Combine(folder, name), file);
        }

        Path = folder;
    }

    public static IReadOnlyList<Check> Parse(string yaml)
    {
        var problems = new List<Problem>();
        var checks = CheckReader.List(Body(yaml, "eval", problems), scope: "deploy");
        Assert.Empty(problems);
        return checks;
    }

    public static IReadOnlyList<Scenario> ParseScenarios(string yaml)
    {
        var problems = new List<Problem>();
        var scenarios = ScenarioReader.List(Body(yaml, "scenario", problems));
        Assert.Empty(problems);
        return scenarios;
    }

    /// <summary>What is wrong with a list of checks.</summary>
    public static IReadOnlyList<Problem> ProblemsOf(string yaml, string key = "eval")
    {
        var problems = new List<Problem>();
        var body = Body(yaml, key, problems);
        if (key == "eval") CheckReader.List(body);
        else ScenarioReader.List(body);
        return problems;
    }

    public Task<IReadOnlyList<CheckResult>> RunAsync(string yaml, CheckSelection? selection = null) =>
        RunAsync([new CheckSource("candy", "demo", Parse(yaml), [])], selection);

    public Task<IReadOnlyList<CheckResult>> RunScenariosAsync(string yaml) =>
        RunAsync([new CheckSource("candy", "demo", [], ParseScenarios(yaml))]);

    public async Task<IReadOnlyList<CheckResult>> RunAsync(IEnumerable<CheckSource> sources, CheckSelection? selection = null)
    {
        var runner = new CheckRunner(
            new CountingExecutor(this), new CheckPlace { Facts = Facts, Host = "local", Values = Values }, Executor, TimeProvider.System, new Collector(Events));
        return await runner.RunAsync(CheckSuite.Merge(sources), selection ?? new CheckSelection());
    }

    /// <summary>Runs one check that must pass, and one that must fail with these words.</summary>
    public async Task ProveAsync(string passing, string failing, string expected, string actual)
    {
        var results = await RunAsync($"- {passing}\n- {failing}\n");
        Assert.Equal(2, results.Count);
        Assert.True(results[0].Status == CheckStatus.Pass, results[0].ToString());
        Assert.True(results[1].Status == CheckStatus.Fail, results[1].ToString());
        Assert.Contains(expected, results[1].Expected ?? "", StringComparison.Ordinal);
        Assert.Contains(actual, results[1].Actual ?? "", StringComparison.Ordinal);
    }

    public void Dispose() => _machine.Dispose();

    private LocalExecutor Executor()
    {
        var environment = _machine.Environment with
        {
            Variables = new Dictionary<string, string>(_machine.Environment.Variables) { ["PATH"] = $"{Home}/bin:{Path}" },
        };
        return new LocalExecutor(environment, new ProcessRunner(environment));
    }

    private static YamlBinder Body(string yaml, string key, List<Problem> problems)
    {
        var text = key + ":\n" + string.Concat(yaml.Split('\n').Select(l => "  " + l + "\n"));
        return new YamlBinder((YamlMapping)YamlReader.Read(text, "checks.yml")[0], "candy \"demo\"", problems);
    }

    private sealed class Collector(List<CharlyEvent> events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => events.Add(value);
    }

    private sealed class CountingExecutor(CheckLab lab) : IExecutor
    {
        private readonly LocalExecutor _inner = lab.Executor();

        public string Venue => _inner.Venue;

        public VenueKind Kind => _inner.Kind;

        public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default) => _inner.RunAsync(request, cancellationToken);

        public async Task<IShellSession> OpenSessionAsync(CancellationToken cancellationToken = default) =>
            new Session(lab, await _inner.OpenSessionAsync(cancellationToken));

        public Task PutAsync(Stream content, string destination, PlacementOptions options, CancellationToken cancellationToken = default) =>
            _inner.PutAsync(content, destination, options, cancellationToken);

        public Task<byte[]?> GetAsync(string path, bool asRoot, CancellationToken cancellationToken = default) => _inner.GetAsync(path, asRoot, cancellationToken);

        public Task<string> ResolveHomeAsync(string? user, CancellationToken cancellationToken = default) => _inner.ResolveHomeAsync(user, cancellationToken);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }

    private sealed class Session(CheckLab lab, IShellSession inner) : IShellSession
    {
        public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default)
        {
            lab.RoundTrips++;
            lab.Folders.UnionWith(System.Text.RegularExpressions.Regex.Matches(request.Script, "/tmp/charly-check-[0-9a-f]+").Select(m => m.Value));
            return inner.RunAsync(request, cancellationToken);
        }

        public Task<CommandResult> RunInShellAsync(ScriptRequest request, CancellationToken cancellationToken = default) => inner.RunInShellAsync(request, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
