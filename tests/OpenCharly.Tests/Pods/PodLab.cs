using System.Text.Json;
using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Pods;

/// <summary>A home with a per-host file, and an engine and a service manager that are played and remember what they were told.</summary>
internal sealed class PodLab : IDisposable, IProcessRunner, IProgress<CharlyEvent>
{
    private readonly List<CharlyEvent> _events = [];
    private readonly List<(string Reference, BoxLabels Labels)> _images = [];

    public PodLab()
    {
        Home = Directory.CreateTempSubdirectory("charly-pods-").FullName;
        Directory.CreateDirectory(Path.Combine(Home, "run", "systemd"));
        Variables = new Dictionary<string, string> { ["HOME"] = Home, ["XDG_RUNTIME_DIR"] = Path.Combine(Home, "run"), ["CHARLY_SECRET_BACKEND"] = "config" };
    }

    public string Home { get; }

    public Dictionary<string, string> Variables { get; }

    public CharlyEnvironment Environment => new() { Variables = Variables, Home = Home, WorkingDirectory = Home };

    public CharlyContext Context => new(Environment, this, this);

    public HashSet<string> Programs { get; } = ["podman", "systemctl", "journalctl", "charly"];

    public List<ProcessRequest> Requests { get; } = [];

    /// <summary>Secrets that the engine has: name to value.</summary>
    public Dictionary<string, string> Secrets { get; } = [];

    /// <summary>What the engine prints for <c>ps --format json</c>.</summary>
    public string Containers { get; set; } = "[]";

    /// <summary>What the engine says of itself.</summary>
    public string Version { get; set; } = "5.4.2";

    public HashSet<string> Volumes { get; } = [];

    /// <summary>Answers before the lab does.</summary>
    public Func<ProcessRequest, CommandResult?> Play { get; set; } = _ => null;

    public IEnumerable<string> Notices => _events.OfType<NoticeEvent>().Select(n => n.Text);

    public IEnumerable<string> Warnings => _events.OfType<NoticeEvent>().Where(n => n.Level == NoticeLevel.Warning).Select(n => n.Text);

    public string HostFile => Path.Combine(Home, ".config/charly/charly.yml");

    public string Entry => File.ReadAllText(HostFile);

    public IEnumerable<string> Commands => Requests.Select(r => $"{r.Program} {string.Join(' ', r.Arguments)}");

    public string Quadlet(string name) => Path.Combine(Home, ".config/containers/systemd", name);

    public void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(HostFile)!);
        File.WriteAllText(HostFile, text);
    }

    public void Add(string reference, BoxLabels labels) => _images.Add((reference, labels));

    /// <summary>Forgets all images.</summary>
    public void Clear() => _images.Clear();

    public Task<PodConfiguration> ConfigureAsync(string name, Func<ConfigurePodRequest, ConfigurePodRequest>? change = null)
    {
        var request = new ConfigurePodRequest { Name = name, Autodetect = false };
        return new ConfigurePod(Context).RunAsync(change?.Invoke(request) ?? request);
    }

    /// <summary>Everything below the home folder, with content and mode.</summary>
    public IReadOnlyList<string> Photograph() =>
        [.. Directory.EnumerateFiles(Home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal) && !f.EndsWith(".owner", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => $"{f} {File.GetUnixFileMode(f)} {File.ReadAllText(f)}")];

    public string? Find(string program) => Programs.Contains(program) ? "/usr/bin/" + program : null;

    public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
    {
        Requests.Add(request);
        return Task.FromResult(Play(request) ?? Answer(request));
    }

    public void Report(CharlyEvent value) => _events.Add(value);

    public void Dispose() => Directory.Delete(Home, recursive: true);

    public static CommandResult Done(string output = "") => new(output, "", 0, TimeSpan.Zero);

    public static CommandResult Failed(string error) => new("", error, 125, TimeSpan.Zero);

    private CommandResult Answer(ProcessRequest request)
    {
        string[] a = [.. request.Arguments];
        if (request is { Program: "docker", Arguments: ["container", "inspect", ..] }) return Failed("Error: No such container");
        if (request.Program != "podman") return Done();
        switch (a)
        {
            case ["--version"]:
                return Done($"podman version {Version}\n");
            case ["images", ..]:
                return Done(Images(_images));
            case ["image", "inspect", var reference]:
                var found = _images.Where(i => i.Reference == reference).ToList();
                return found.Count > 0 ? Done(Images(found)) : Failed($"Error: {reference}: image not known");
            case ["secret", "ls", ..]:
                return Done(string.Join('\n', Secrets.Keys));
            case ["secret", "rm", var name]:
                return Secrets.Remove(name) ? Done() : Failed("no such secret");
            case ["secret", "create", var name, "-"]:
                Secrets[name] = request.Input ?? "";
                return Done();
            case ["network", "inspect", ..]:
                return Done("[]");
            case ["ps", "--all", ..]:
                return Done(Containers);
            case ["volume", "ls", ..]:
                return Done(string.Join('\n', Volumes));
            case ["volume", "inspect", var inspected]:
                return Volumes.Contains(inspected) ? Done("[]") : Failed("no such volume");
            case ["volume", "rm", var volume]:
                return Volumes.Remove(volume) ? Done() : Failed("no such volume");
            case ["container", "inspect", ..]:
                return Failed("Error: no such container");
            default:
                return Done();
        }
    }

    private static string Images(IEnumerable<(string Reference, BoxLabels Labels)> images)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var (reference, labels) in images)
            {
                json.WriteStartObject();
                json.WriteString("Id", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(reference))).ToLowerInvariant());
                json.WriteStartArray("Names");
                json.WriteStringValue(reference);
                json.WriteEndArray();
                json.WriteStartObject("Labels");
                foreach (var (name, value) in BoxLabelWriter.Write(labels)) json.WriteString(name, value);
                json.WriteEndObject();
                json.WriteNumber("Created", 0);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
