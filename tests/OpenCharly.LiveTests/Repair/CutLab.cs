using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Repair;

/// <summary>How a run is cut.</summary>
public enum CutKind
{
    /// <summary>The engine's own process gets SIGKILL.</summary>
    Engine,

    /// <summary>The ssh clients get SIGKILL, the one that shares the connection included.</summary>
    Ssh,

    /// <summary>The network drops all connections after so many bytes.</summary>
    Network,

    /// <summary>sshd and everything that runs below it on the target get SIGKILL, and sshd starts again.</summary>
    Target,
}

/// <summary>
/// A host behind a loopback sshd with a home of its own, and a project whose bundle has a first and a second version:
/// env files, folders, files, trees, links, downloads, scripts, shell snippets. Nothing outside the fixture is touched.
/// </summary>
public sealed class CutLab : IAsyncDisposable
{
    /// <summary>Deploy key.</summary>
    public const string Name = "lab";

    private readonly LoopbackSshd _server;
    private readonly TcpRelay _relay;
    private readonly string _tree;
    private readonly string _project;
    private readonly string _empty;

    private CutLab(LoopbackSshd server)
    {
        _server = server;
        _relay = new TcpRelay(() => server.Port);
        _tree = server.At("tree");
        _project = server.At("project");
        _empty = server.At("elsewhere");
    }

    /// <summary>Makes the lab in a fixture that has started.</summary>
    public static async Task<CutLab> MakeAsync(LoopbackSshd server)
    {
        var lab = new CutLab(server);
        Directory.CreateDirectory(lab._project);
        Directory.CreateDirectory(lab._empty);
        await File.WriteAllTextAsync(server.At("relay_config"), $"""
            Host relayed-host
              HostName 127.0.0.1
              Port {lab._relay.Port}
              HostKeyAlias [127.0.0.1]:{server.Port}
              IdentityFile {server.ClientKey}
              IdentitiesOnly yes
              StrictHostKeyChecking yes
              UserKnownHostsFile {server.KnownHosts}
              GlobalKnownHostsFile /dev/null

            """);
        await File.WriteAllTextAsync(Path.Combine(lab._project, "charly.yml"), $$"""
            version: 2026.163.0928
            discover:
              - candy
            deploy:
              {{Name}}:
                target: local
                host: relayed-host
                ssh_arg: [-F, {{server.At("relay_config")}}]
            """);
        return lab;
    }

    /// <summary>Ledger of the target.</summary>
    public Ledger.GuestPaths Paths => new(_server.LoginHome);

    /// <summary>Folders and files as they were before anything was ever applied.</summary>
    public void Prepare()
    {
        foreach (var folder in new[] { _tree, _server.LoginHome })
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
        }

        var host = new HostPaths(_server.Environment).HostFile;
        if (File.Exists(host)) File.Delete(host);
        Directory.CreateDirectory(Path.Combine(_tree, "dir"), AtomicFile.PrivateFolder);
        AtomicFile.Write(Path.Combine(_tree, "old"), "original", AtomicFile.Private);
        File.WriteAllText(Path.Combine(_tree, "edited"), "original");
        File.CreateSymbolicLink(Path.Combine(_tree, "link"), "old");
        File.WriteAllText(Path.Combine(_server.LoginHome, ".bashrc"), "alias mine=true");
        File.WriteAllText(Path.Combine(_server.LoginHome, ".bash_profile"), "mine\n");
    }

    /// <summary>Writes the candies of the first version (1) or the second (2).</summary>
    public async Task WriteAsync(int version)
    {
        var folder = Path.Combine(_project, "candy");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var source = Directory.CreateDirectory(_server.At("source")).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "tool"), $"tool of version {version}\n");
        await new ProcessRunner(_server.Environment).RunAsync(new ProcessRequest("tar", "-czf", Path.Combine(source, "pack.tar.gz"), "-C", source, "tool"));
        if (version == 1)
        {
            await CandyAsync("base", $"""
                  env:
                    GREETING: hello
                  task:
                    - mkdir: {_tree}/dir
                      mode: "0755"
                      user: root
                    - write: {_tree}/old
                      content: one
                      mode: "0755"
                      user: root
                """);
        }

        await CandyAsync("web", $$"""
              {{(version == 1 ? "require: [base]" : "env: {COLOUR: blue}")}}
              task:
                - copy: page.html
                  to: {{_tree}}/new/deep/page.html
                  user: root
                - write: {{_tree}}/old
                  content: three of version {{version}}
                  user: root
                - cmd: |
                    charly_keep '{{_tree}}/edited' '{{_tree}}/born'
                    sleep 0.1
                    printf 'version {{version}}' >'{{_tree}}/edited'
                    printf 'version {{version}}' >'{{_tree}}/born'
                  user: root
                - copy: pages
                  to: {{_tree}}/pages
                  user: root
                - link: {{_tree}}/link
                  target: {{(version == 1 ? "new" : "dir")}}
                  user: root
                - download: file://{{source}}/pack.tar.gz
                  to: {{_tree}}/unpacked
                  user: root
                - download: file://{{source}}/tool
                  to: {{_tree}}/tool
                  extract: none
                  user: root
                - cmd: sleep 0.1
                  user: root
              shell:
                bash:
                  init: echo version {{version}}
            """);
        var web = Path.Combine(folder, "web");
        await File.WriteAllTextAsync(Path.Combine(web, "page.html"), $"page of version {version}\n");
        Directory.CreateDirectory(Path.Combine(web, "pages/sub"));
        for (var i = 0; i < 5; i++) await File.WriteAllTextAsync(Path.Combine(web, $"pages/sub/{i}"), $"{i} of version {version}\n");
        if (version == 2)
        {
            await CandyAsync("third", $"""
                  require: [web]
                  task:
                    - write: {_tree}/edited
                      content: third
                      user: root
                    - mkdir: {_tree}/more/and/more
                      user: root
                """);
        }
    }

    /// <summary>Type, mode and content of everything but the ledger.</summary>
    public IReadOnlyList<string> Photograph() => TreePhotograph.Take(_tree, _server.LoginHome);

    /// <summary>The record files with their text.</summary>
    public IReadOnlyList<string> Records() => !Directory.Exists(Paths.Installed) ? [] :
    [
        .. Directory.GetFiles(Paths.Installed, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)}\n{File.ReadAllText(f)}"),
    ];

    /// <summary>An add of the version in the project.</summary>
    public Task<DeployResult> AddAsync(IProgress<CharlyEvent>? progress = null) => new AddBundle(Context(_project, progress)).RunAsync(Request(_project));

    /// <summary>A removal.</summary>
    public Task<DeployResult> RemoveAsync(IProgress<CharlyEvent>? progress = null) =>
        new RemoveBundle(Context(_project, progress)).RunAsync(new RemoveBundleRequest { Name = Name });

    /// <summary>A repair, without the project: from a folder where there is none, and with the candies gone.</summary>
    public async Task<DeployResult> RepairAsync(bool rollback)
    {
        var host = new HostPaths(_server.Environment).HostFile;
        Directory.CreateDirectory(Path.GetDirectoryName(host)!);
        await File.WriteAllTextAsync(host, $"version: 2026.163.0928\ndeploy:\n  {Name}:\n    target: local\n    host: relayed-host\n    ssh_arg: [-F, {_server.At("relay_config")}]\n");
        var (here, away) = (Path.Combine(_project, "candy"), Path.Combine(_project, "hidden"));
        Directory.Move(here, away);
        try
        {
            return await new RepairBundle(Context(_empty, null)).RunAsync(new RepairBundleRequest { Name = Name, Rollback = rollback });
        }
        finally
        {
            Directory.Move(away, here);
            File.Delete(host);
        }
    }

    /// <summary>The ledger, read without its lock.</summary>
    public Task<Ledger.LedgerRecord> ReadAsync() => new GetLedger(Context(_project, null)).RunAsync(Name);

    /// <summary>What has drifted.</summary>
    public Task<IReadOnlyList<Ledger.DriftItem>> DriftAsync() => new GetDrift(Context(_project, null)).RunAsync(new DriftQuery { Names = [Name] });

    /// <summary>Runs an add or a removal and cuts it.</summary>
    /// <param name="verb"><c>add</c> or <c>del</c>.</param>
    /// <param name="kind">How it is cut.</param>
    /// <param name="point">Where: a fraction of the run.</param>
    /// <returns>Whether the place was reached.</returns>
    public async Task<bool> CutAsync(string verb, CutKind kind, double point)
    {
        switch (kind)
        {
            case CutKind.Engine:
                return await KillEngineAsync(verb, point);
            case CutKind.Network:
                _relay.Reset((long)(8_000 + (point * (verb == "add" ? 70_000 : 40_000))));
                await QuietlyAsync(verb, null);
                var cut = _relay.WasCut;
                _relay.Reset();
                return cut;
            default:
                var last = (int)(point * 28);
                var done = new TaskCompletionSource<bool>();
                await QuietlyAsync(verb, new AtEvent(last, () => _ = KillAsync(kind, done)));
                if (!done.Task.IsCompleted && last > 27) return false;
                await Task.WhenAny(done.Task, Task.Delay(TimeSpan.FromSeconds(1)));
                return done.Task.IsCompleted && await done.Task;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillSshAsync();
        await _relay.DisposeAsync();
    }

    private static BundleRequest Request(string _) => new()
    {
        Name = Name,
        Ref = "web",
        AddCandies = File.Exists(Path.Combine(_, "candy/third/charly.yml")) ? ["third"] : [],
        Options = new InstallOptions { AllowRootTasks = true, AllowRepoChanges = true, WithServices = true },
    };

    private CharlyContext Context(string folder, IProgress<CharlyEvent>? progress) =>
        new(_server.Environment with { WorkingDirectory = folder }, progress, projectFolder: folder);

    private async Task CandyAsync(string name, string body)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_project, "candy", name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "charly.yml"), $"candy:\n  name: {name}\n  version: 2026.180.1200\n{body}\n");
    }

    private async Task QuietlyAsync(string verb, IProgress<CharlyEvent>? progress)
    {
        try
        {
            if (verb == "add") await AddAsync(progress);
            else await RemoveAsync(progress);
        }
        catch (CharlyException e) when (e.Code.Kind == ErrorKind.Unreachable)
        {
            // As wanted.
        }
    }

    private async Task KillAsync(CutKind kind, TaskCompletionSource<bool> done)
    {
        if (kind == CutKind.Ssh)
        {
            await KillSshAsync();
        }
        else
        {
            await _server.StopAsync();
            await _server.StartAsync();
        }

        done.TrySetResult(true);
    }

    /// <summary>Kills every ssh of this fixture.</summary>
    private async Task KillSshAsync()
    {
        var config = _server.At("relay_config");
        foreach (var process in Process.GetProcessesByName("ssh"))
        {
            using (process)
            {
                try
                {
                    if (!(await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline")).Contains(config, StringComparison.Ordinal)) continue;
                    process.Kill();
                    await process.WaitForExitAsync();
                }
                catch (Exception e) when (e is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It ended by itself.
                }
            }
        }

        foreach (var socket in Directory.Exists(_server.Paths.SshControl) ? Directory.GetFiles(_server.Paths.SshControl) : []) File.Delete(socket);
    }

    private async Task<bool> KillEngineAsync(string verb, double point)
    {
        var info = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _project };
        string[] words = verb == "add"
            ? ["bundle", "add", Name, "web", .. Request(_project).AddCandies.SelectMany(c => new[] { "--add-candy", c })]
            : ["bundle", "del", Name];
        foreach (var word in (string[])[Path.Combine(AppContext.BaseDirectory, "charly.dll"), .. words, "--yes", "--json"]) info.ArgumentList.Add(word);
        info.Environment.Clear();
        foreach (var (key, value) in _server.Environment.Variables) info.Environment[key] = value;
        info.Environment["CHARLY_LOG"] = "trace";
        using var engine = Process.Start(info)!;
        _ = engine.StandardOutput.ReadToEndAsync();

        // A removal says less: it is cut by the clock.
        var events = (int)(point * 24);
        if (verb == "del") await Task.WhenAny(engine.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(0.6 + (point * 1.6))));
        for (var seen = 0; verb == "add" && seen < events && await engine.StandardError.ReadLineAsync() is { } line;)
        {
            if (line.Contains("\"step_", StringComparison.Ordinal)) seen++;
        }

        if (engine.HasExited) return false;
        engine.Kill();
        await engine.WaitForExitAsync();
        return true;
    }

    /// <summary>Calls back once, at an event of steps or undoing.</summary>
    private sealed class AtEvent(int number, Action then) : IProgress<CharlyEvent>
    {
        private int _seen = -1;

        public void Report(CharlyEvent value)
        {
            if (value is StepStartedEvent or StepFinishedEvent or NoticeEvent && Interlocked.Increment(ref _seen) == number) then();
        }
    }
}
