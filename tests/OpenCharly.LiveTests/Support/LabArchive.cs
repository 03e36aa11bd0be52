using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.LiveTests.Support;

/// <summary>
/// A package archive in a folder, with packages built for the test. Whoever runs under <see cref="Variables"/> sees no
/// other archive; the package database is the machine's.
/// </summary>
public sealed class LabArchive : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-archive-").FullName;
    private readonly Dictionary<string, string> _paragraphs = new(StringComparer.Ordinal);
    private readonly ProcessRunner _programs;

    public LabArchive()
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        foreach (var folder in new[] { "lists/partial", "cache/archives/partial", "pool" }) Directory.CreateDirectory(Path.Combine(_folder, folder));
        File.WriteAllText(Path.Combine(_folder, "sources.list"), $"deb [trusted=yes] file:{_folder}/pool ./\n");
        File.WriteAllText(Path.Combine(_folder, "apt.conf"),
            $"""
            Dir::Etc::sourcelist "{_folder}/sources.list";
            Dir::Etc::sourceparts "-";
            Dir::State::lists "{_folder}/lists";
            Dir::Cache "{_folder}/cache";
            APT::Sandbox::User "root";
            """);
        var real = CharlyEnvironment.FromProcess();
        Variables = new Dictionary<string, string>(real.Variables) { ["APT_CONFIG"] = Path.Combine(_folder, "apt.conf"), ["DEBIAN_FRONTEND"] = "noninteractive" };
        _programs = new ProcessRunner(real with { Variables = Variables });
    }

    /// <summary>The archive itself: a folder with packages and their index.</summary>
    public string Pool => Path.Combine(_folder, "pool");

    /// <summary>The environment in which apt knows this archive and no other.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>Builds a package and offers it; <paramref name="files"/> are below <c>/</c>, those below <c>/etc</c> are configuration.</summary>
    public async Task OfferAsync(
        string name, string version, IReadOnlyDictionary<string, string>? files = null, IReadOnlyDictionary<string, string>? scripts = null, string fields = "")
    {
        var tree = Path.Combine(_folder, $"{name}_{version}");
        var control = $"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\n{fields}Description: test\n";
        Write("DEBIAN/control", control);
        foreach (var (path, text) in files ?? new Dictionary<string, string>()) Write(path.TrimStart('/'), text);
        Write($"usr/share/{name}/version", version);
        if (files?.Keys.Where(f => f.StartsWith("/etc/", StringComparison.Ordinal)).ToList() is { Count: > 0 } configuration) Write("DEBIAN/conffiles", string.Join('\n', configuration) + "\n");
        foreach (var (script, body) in scripts ?? new Dictionary<string, string>())
        {
            Write("DEBIAN/" + script, $"#!/bin/sh\nset -e\n{body}\n");
            File.SetUnixFileMode(Path.Combine(tree, "DEBIAN", script), (UnixFileMode)0b111_101_101);
        }

        var deb = Path.Combine(_folder, "pool", $"{name}_{version}.deb");
        await MustAsync("dpkg-deb", "--build", "--root-owner-group", tree, deb);
        var bytes = await File.ReadAllBytesAsync(deb);
        _paragraphs[deb] = $"{control}Filename: ./{Path.GetFileName(deb)}\nSize: {bytes.Length}\nSHA256: {Convert.ToHexStringLower(SHA256.HashData(bytes))}\n";
        await IndexAsync();

        void Write(string path, string text)
        {
            var full = Path.Combine(tree, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }
    }

    /// <summary>Offers a version no longer, as archives do when a newer one is there.</summary>
    public async Task WithdrawAsync(string name, string version)
    {
        _paragraphs.Remove(Path.Combine(_folder, "pool", $"{name}_{version}.deb"));
        await IndexAsync();
    }

    /// <summary>Runs apt-get on this archive.</summary>
    public Task AptAsync(params string[] arguments) => MustAsync(["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=300", .. arguments]);

    /// <summary>State and version of a package in the machine's database; empty if it is unknown.</summary>
    public async Task<string> StateAsync(string name) =>
        (await _programs.RunAsync(new ProcessRequest("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name))).StandardOutput;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task IndexAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "pool", "Packages"), new StringBuilder().AppendJoin('\n', _paragraphs.Values).ToString());
        await MustAsync("apt-get", "-q", "update");
    }

    private async Task MustAsync(params string[] command)
    {
        var result = await _programs.RunAsync(new ProcessRequest(command[0], command[1..]));
        Assert.True(result.Succeeded, $"{string.Join(' ', command)}: {result.Tail()}");
    }
}
