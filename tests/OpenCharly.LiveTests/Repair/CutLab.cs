using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
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

    /// <summary>The network drops all connections.</summary>
    Network,

    /// <summary>Everything that runs on the target gets SIGKILL, and the target starts again.</summary>
    Target,

    /// <summary>Everything that runs on the target gets SIGKILL, one process after the other in a random order, and the target starts again.</summary>
    Processes,
}

/// <summary>What a cut found: the run's journal, as long as it was when the cut was made.</summary>
/// <param name="WasRunning">Whether the run had not ended by then.</param>
/// <param name="Bytes">Length of the journals.</param>
public sealed record Cut(bool WasRunning, long Bytes);

/// <summary>
/// A project on this machine and a host that it is applied to over ssh, through a relay that can be cut. Its bundle has a
/// first and a second version: a repository and packages, env files, folders, files, trees, links, downloads,
/// capabilities, scripts, shell snippets.
/// </summary>
public sealed class CutLab : IAsyncDisposable
{
    /// <summary>Deploy key.</summary>
    public const string Name = "lab";

    private readonly LayeredHost _server;
    private readonly TcpRelay _relay;
    private readonly LabArchive _archive = new();
    private readonly string _project;
    private readonly string _empty;

    private CutLab(LayeredHost server)
    {
        _server = server;
        _relay = new TcpRelay(() => server.Port);
        _project = server.At("project");
        _empty = server.At("elsewhere");
    }

    /// <summary>Folder on the host that the candies write to.</summary>
    public string Tree => _server.At("tree");

    /// <summary>Makes the lab: the host has what was there before anything was ever applied, and has been kept as <c>bare</c>.</summary>
    public static async Task<CutLab> MakeAsync(LayeredHost server)
    {
        var lab = new CutLab(server);
        Directory.CreateDirectory(lab._project);
        Directory.CreateDirectory(lab._empty);
        await lab._archive.OfferAsync("lab-tool", "1.0", new Dictionary<string, string> { ["/usr/bin/lab-tool"] = "tool\n", ["/etc/lab-tool.conf"] = "setting\n" }, new Dictionary<string, string> { ["postinst"] = "echo made >/etc/lab-tool.made" });
        await lab._archive.OfferAsync("lab-more", "1.0", new Dictionary<string, string> { ["/usr/bin/lab-more"] = "more\n" });
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
        await server.GoToAsync(null);
        lab.Prepare();
        await server.KeepAsync("bare");
        return lab;
    }

    /// <summary>Goes back to a state of the host that was kept; no connection is left.</summary>
    public async Task GoToAsync(string state)
    {
        _relay.Reset();
        await KillSshAsync();
        await _server.GoToAsync(state);
        var host = new HostPaths(_server.Environment).HostFile;
        if (File.Exists(host)) File.Delete(host);
    }

    /// <summary>Keeps the present state of the host.</summary>
    public async Task KeepAsync(string state)
    {
        await KillSshAsync();
        await _server.KeepAsync(state);
    }

    /// <summary>What the host is like now.</summary>
    public Task<IReadOnlyDictionary<string, string>> PhotographAsync(IEnumerable<string>? also = null) => _server.PhotographAsync(also);

    /// <summary>What differs on the host from an earlier photograph.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(IReadOnlyDictionary<string, string> before)
    {
        var now = await PhotographAsync(before.Keys);
        var lower = await _server.DescribeBelowAsync([.. now.Keys.Where(p => !before.ContainsKey(p))]);
        return [.. now.Keys.Order(StringComparer.Ordinal).Select(p => (Path: p, Was: before.GetValueOrDefault(p) ?? lower[p], Is: now[p])).Where(p => p.Was != p.Is).Select(p => $"{p.Path}: {p.Was} => {p.Is}")];
    }

    /// <summary>The record files with their text.</summary>
    public IReadOnlyList<string> Records() => !HasLedger ? [] :
    [
        .. Directory.GetFiles(OnHost(Paths.Installed), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)}\n{File.ReadAllText(f)}"),
    ];

    /// <summary>Whether the ledger's folder is there.</summary>
    public bool HasLedger => Directory.Exists(OnHost(Paths.Installed));

    /// <summary>Whatever of runs is still in the ledger: journals, staged files, what was saved for taking a removal back.</summary>
    public IReadOnlyList<string> LeftInLedger() => !HasLedger ? [] :
    [
        .. new[] { Paths.Journal, Paths.Stage }.SelectMany(f => Directory.GetFileSystemEntries(OnHost(f))).Concat(Directory.GetDirectories(OnHost(Paths.Backup), ".2*")),
    ];

    /// <summary>Writes the candies of the first version (1) or the second (2).</summary>
    public async Task WriteAsync(int version)
    {
        var folder = Path.Combine(_project, "candy");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var source = Directory.CreateDirectory(_server.At($"source-{version}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "tool"), $"tool of version {version}\n");
        await new ProcessRunner(_server.Environment).RunAsync(new ProcessRequest("tar", "-czf", Path.Combine(source, "pack.tar.gz"), "-C", source, "tool"));
        if (version == 1)
        {
            await CandyAsync("base", $"""
                  env:
                    GREETING: hello
                  distro:
                    debian:
                      package: [lab-tool]
                      repo:
                        - name: lab
                          url: file:{_archive.Pool}
                          suite: /
                  task:
                    - mkdir: {Tree}/dir
                      mode: "0755"
                      user: root
                    - write: {Tree}/old
                      content: one
                      mode: "0755"
                      user: root
                """);
        }

        await CandyAsync("web", $$"""
              {{(version == 1 ? "require: [base]" : "env: {COLOUR: blue}")}}
              task:
                - copy: page.html
                  to: {{Tree}}/new/deep/page.html
                  user: root
                - write: {{Tree}}/old
                  content: three of version {{version}}
                  user: root
                - cmd: |
                    charly_keep '{{Tree}}/edited' '{{Tree}}/born'
                    sleep 0.03
                    printf 'version {{version}}' >'{{Tree}}/edited'
                    printf 'version {{version}}' >'{{Tree}}/born'
                  user: root
                - copy: pages
                  to: {{Tree}}/pages
                  user: root
                - link: {{Tree}}/link
                  target: {{(version == 1 ? "new" : "dir")}}
                  user: root
                - download: file://{{source}}/pack.tar.gz
                  to: {{Tree}}/unpacked
                  user: root
                - download: file://{{source}}/tool
                  to: {{Tree}}/tool
                  extract: none
                  user: root
                - setcap: {{Tree}}/tool
                  caps: cap_net_raw=ep
                - cmd: sleep 0.03
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
                  distro:
                    debian:
                      package: [lab-more]
                      repo:
                        - name: lab-again
                          url: file:{_archive.Pool}
                          suite: /
                  task:
                    - write: {Tree}/edited
                      content: third
                      user: root
                    - mkdir: {Tree}/more/and/more
                      user: root
                """);
        }
    }

    /// <summary>An add of the version in the project.</summary>
    public Task<DeployResult> AddAsync(IProgress<CharlyEvent>? progress = null) => new AddBundle(Context(_project, progress)).RunAsync(Request());

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
    public Task<LedgerRecord> ReadAsync() => new GetLedger(Context(_project, null)).RunAsync(Name);

    /// <summary>What has drifted.</summary>
    public async Task<IReadOnlyList<DriftItem>> DriftAsync()
    {
        var only = Assert.Single(await new GetDrift(Context(_project, null)).RunAsync(new DriftQuery { Names = [Name] }));
        return only.Failure is { } failure ? throw failure : only.Items;
    }

    /// <summary>Runs an add or a removal to its end.</summary>
    /// <returns>How long the journals were while it ran: the places where it can be cut.</returns>
    public async Task<IReadOnlyList<long>> WatchAsync(string verb)
    {
        using var watch = new JournalWatch(OnHost(Paths.Installed), null);
        Assert.Null((verb == "add" ? await AddAsync() : await RemoveAsync()).Failure);
        return watch.Lengths;
    }

    /// <summary>Runs an add or a removal and cuts it.</summary>
    /// <param name="verb"><c>add</c> or <c>del</c>.</param>
    /// <param name="kind">How it is cut.</param>
    /// <param name="bytes">Where: as soon as its journals are that long; 0 for as soon as it holds the lock.</param>
    /// <param name="random">Says in which order processes go that do not go at once.</param>
    public async Task<Cut> CutAsync(string verb, CutKind kind, long bytes, Random random)
    {
        using var watch = new JournalWatch(OnHost(Paths.Installed), bytes);
        if (kind == CutKind.Engine)
        {
            using var engine = StartEngine(verb);
            await Task.WhenAny(watch.Reached, engine.WaitForExitAsync());
            var was = !engine.HasExited;
            engine.Kill();
            await engine.WaitForExitAsync();
            return new Cut(was, watch.Last);
        }

        var run = QuietlyAsync(verb);
        await Task.WhenAny(watch.Reached, run);
        var wasRunning = !run.IsCompleted;
        if (kind == CutKind.Ssh) await KillSshAsync();
        else if (kind == CutKind.Network) _relay.Cut();
        else await _server.CutPowerAsync(kind == CutKind.Processes ? random : null);
        await run;
        if (kind is CutKind.Target or CutKind.Processes) await _server.StartAsync();
        _relay.Reset();
        return new Cut(wasRunning, watch.Last);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillSshAsync();
        await _relay.DisposeAsync();
        _archive.Dispose();
    }

    private GuestPaths Paths => new(_server.LoginHome);

    private string OnHost(string path) => _server.Root + path;

    private void Prepare()
    {
        var (tree, home) = (OnHost(Tree), OnHost(_server.LoginHome));
        Directory.CreateDirectory(tree);
        Directory.CreateDirectory(Path.Combine(tree, "dir"), AtomicFile.PrivateFolder);
        AtomicFile.Write(Path.Combine(tree, "old"), "original", AtomicFile.Private);
        File.WriteAllText(Path.Combine(tree, "edited"), "original");
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "old");
        File.WriteAllText(Path.Combine(home, ".bashrc"), "alias mine=true");
        File.WriteAllText(Path.Combine(home, ".bash_profile"), "mine\n");
    }

    private BundleRequest Request() => new()
    {
        Name = Name,
        Ref = "web",
        AddCandies = AddCandies,
        Options = new InstallOptions { AllowRootTasks = true, AllowRepoChanges = true, WithServices = true },
    };

    private string[] AddCandies => File.Exists(Path.Combine(_project, "candy/third/charly.yml")) ? ["third"] : [];

    private CharlyContext Context(string folder, IProgress<CharlyEvent>? progress) =>
        new(_server.Environment with { WorkingDirectory = folder }, progress, projectFolder: folder);

    private async Task CandyAsync(string name, string body)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_project, "candy", name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "charly.yml"), $"candy:\n  name: {name}\n  version: 2026.180.1200\n{body}\n");
    }

    private async Task QuietlyAsync(string verb)
    {
        try
        {
            if (verb == "add") await AddAsync();
            else await RemoveAsync();
        }
        catch (CharlyException e) when (e.Code.Kind == ErrorKind.Unreachable)
        {
            // As wanted.
        }
    }

    private Process StartEngine(string verb)
    {
        string[] words = verb == "add"
            ? ["bundle", "add", Name, "web", .. AddCandies.SelectMany(c => new[] { "--add-candy", c }), "--allow-repo-changes", "--allow-root-tasks", "--with-services"]
            : ["bundle", "del", Name];
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "charly.dll"), .. words, "--yes", "--json"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _project,
        };
        info.Environment.Clear();
        foreach (var (key, value) in _server.Environment.Variables) info.Environment[key] = value;
        var engine = Process.Start(info)!;
        engine.BeginErrorReadLine();
        engine.BeginOutputReadLine();
        return engine;
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
}
