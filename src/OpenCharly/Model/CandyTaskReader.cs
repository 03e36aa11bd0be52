using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads the <c>task:</c> list of a candy (candy-and-plan.md §3.2).</summary>
internal sealed class CandyTaskReader(CandyScope scope, string sourceFolder, IReadOnlySet<string> variables)
{
    // Beyond that many, guessing which one was meant costs more than it helps.
    private const int MaxGuesses = 1000;

    /// <summary>Every task variable that charly sets itself.</summary>
    internal static readonly string[] Reserved = ["USER", "UID", "GID", "HOME", "ARCH", "BUILD_ARCH"];

    private static readonly string[] Verbs = ["cmd", "mkdir", "copy", "write", "download", "link", "setcap", "build"];
    private static readonly string[] ArchiveTypes = ["tar.gz", "tar.xz", "tar.zst", "zip", "none", "sh"];
    private static readonly string[] AddressPrefixes = ["https://", "http://", "file://", "ftp://", "${"];

    /// <summary>The archive type of a download: as written, else from the address.</summary>
    internal static string ArchiveType(string? extract, string url)
    {
        if (extract is not null) return extract;
        var path = url.Split('?', '#')[0];
        return path switch
        {
            _ when path.EndsWith(".tar.gz", StringComparison.Ordinal) || path.EndsWith(".tgz", StringComparison.Ordinal) => "tar.gz",
            _ when path.EndsWith(".tar.xz", StringComparison.Ordinal) => "tar.xz",
            _ when path.EndsWith(".tar.zst", StringComparison.Ordinal) => "tar.zst",
            _ when path.EndsWith(".zip", StringComparison.Ordinal) => "zip",
            _ when path.EndsWith(".sh", StringComparison.Ordinal) => "sh",
            _ => "none",
        };
    }

    /// <summary>The tasks, in order; those with problems are left out and reported.</summary>
    public IReadOnlyList<CandyTask> Read(YamlBinder body) =>
        [.. scope.BindItems(body, "task").Select(ReadTask).OfType<CandyTask>()];

    private CandyTask? ReadTask(YamlBinder task)
    {
        task.Accept("comment", "id", "name", "description", "command");
        task.Accept(Verbs);
        var found = Verbs.Where(v => task.Has(v) || (v == "cmd" && task.Has("command"))).ToArray();
        if (found.Length != 1)
        {
            var near = task.Mapping.Entries
                .Select(e => (Key: e.Key, Verb: Nearest.Find(e.Key.Text, Verbs)))
                .FirstOrDefault(p => p.Verb is not null && p.Verb != p.Key.Text);
            task.Report(
                Errors.TaskVerb,
                found.Length == 0 ? "no action" : $"conflicting actions {string.Join(", ", found)}",
                found.Length == 0 && near.Verb is not null ? $"Did you mean \"{near.Verb}\"?" : $"Give exactly one of {string.Join(", ", Verbs)}.",
                found.Length == 0 && near.Verb is not null ? near.Key.Position : task.Mapping.Position);
            return null;
        }

        var verb = found[0];
        var value = (verb == "cmd" ? task.Text("cmd", "command") : task.Text(verb)) ?? "";
        var at = task.At(verb);
        if (task.IsNoText(verb, verb == "cmd" ? ["command"] : [])) return null;
        var environment = task.TextMap("env");
        foreach (var name in environment.Keys.Where(n => !Names.IsVariable(n)))
        {
            task.Report(Errors.CandyVariable, $"\"{name}\" can't name a variable", "Use letters, digits and underscores.", task.NameAt("env", name));
        }

        var known = new KnownVariables(variables, environment);
        var read = new CandyTask
        {
            Verb = verb,
            Value = value,
            Position = at,
            User = User(task),
            Mode = Mode(task),
            To = verb == "link" ? task.Text("target", "to") : task.Text("to"),
            Content = task.Text("content"),
            Extract = task.Text("extract"),
            StripComponents = task.Integer("strip_components") ?? 0,
            Include = task.TextList("include"),
            Uninstall = task.TextList("uninstall"),
            Capabilities = task.Text("caps"),
            Environment = environment,
            Cache = task.TextList("cache"),
        };
        CheckVerb(task, read, at, known);
        CheckCache(task, read);
        scope.IgnoreUnknown(task);
        return read;
    }

    private void CheckVerb(YamlBinder task, CandyTask read, SourcePosition at, KnownVariables known)
    {
        switch (read.Verb)
        {
            case "cmd":
                if (string.IsNullOrWhiteSpace(read.Value)) task.Report(Errors.TaskContent, "the command is empty", "Write the script, or remove the task.", at);
                break;
            case "mkdir":
                Destination(task, "mkdir", read.Value, at, known);
                break;
            case "copy":
                Substituted(task, "copy", read.Value, at, known);
                CheckSource(task, read.Value, at);
                if (read.To is null && !task.IsNoText("to")) task.Report(Errors.TaskSource, "\"to\" is missing", "Say where the file goes: to: /path.", at);
                else if (read.To is not null) Destination(task, "to", read.To, task.At("to"), known);
                break;
            case "write":
                Destination(task, "write", read.Value, at, known);
                if (string.IsNullOrEmpty(read.Content) && !task.IsNoText("content")) task.Report(Errors.TaskContent, "\"content\" is missing or empty", "Give the content, or use mkdir or copy.", read.Content is null ? at : task.At("content"));
                break;
            case "download":
                CheckDownload(task, read, at, known);
                break;
            case "link":
                Destination(task, "link", read.Value, at, known);
                if (string.IsNullOrEmpty(read.To) && !task.IsNoText("target", "to")) task.Report(Errors.TaskContent, "\"target\" is missing", "Say what the link points to: target: /path.", at);
                else if (read.To is not null) Substituted(task, "target", read.To, task.At("target"), known);
                break;
            case "setcap":
                CheckCapabilities(task, read, at, known);
                break;
            case "build" when read.Value != "all":
                task.Report(Errors.TaskSetCap, $"\"build\" is \"{read.Value}\"", "The only value is all.", at);
                break;
        }
    }

    private static void CheckCapabilities(YamlBinder task, CandyTask read, SourcePosition at, KnownVariables known)
    {
        if (!Patterns.IsAnchored(read.Value) || Patterns.Climbs(read.Value) || !Patterns.IsOneLine(read.Value))
        {
            task.Report(Errors.TaskSetCap, $"\"{read.Value}\" is not an absolute path", "Give the full path of the program.", at);
        }

        Substituted(task, "setcap", read.Value, at, known);
        if (string.IsNullOrEmpty(read.Capabilities)) return;
        Substituted(task, "caps", read.Capabilities, task.At("caps"), known);
        if (!read.Capabilities.Contains("${", StringComparison.Ordinal) && !Patterns.Capabilities().IsMatch(read.Capabilities))
        {
            task.Report(Errors.TaskSetCap, $"\"{read.Capabilities}\" are no capabilities", "Write them as cap_name=flags, such as cap_net_bind_service=ep.", task.At("caps"));
        }
    }

    private static void CheckDownload(YamlBinder task, CandyTask read, SourcePosition at, KnownVariables known)
    {
        var isAddress = AddressPrefixes.Any(p => read.Value.StartsWith(p, StringComparison.Ordinal)) && Patterns.IsOneLine(read.Value);
        if (!isAddress) task.Report(Errors.TaskDownload, $"\"{read.Value}\" is not an address", "Start it with https://, http:// or file://.", at);

        Substituted(task, "download", read.Value, at, known);
        if (read.Extract is { } extract && !ArchiveTypes.Contains(extract))
        {
            task.Report(Errors.TaskDownload, $"\"{extract}\" is no archive type", $"Use one of {string.Join(", ", ArchiveTypes)}.", task.At("extract"));
        }

        if (read.To is { } to) Destination(task, "to", to, task.At("to"), known);
        else if (isAddress && ArchiveType(read.Extract, read.Value) != "sh" && !task.IsNoText("to")) task.Report(Errors.TaskDownload, "\"to\" is missing", "Say where it goes: a file, or a folder for an archive.", at);
        if (read.StripComponents < 0) task.Report(Errors.TaskDownload, "\"strip_components\" is negative", "Use 0 or more.", task.At("strip_components"));
        foreach (var member in read.Include)
        {
            if (member.Length == 0 || !Patterns.IsOneLine(member)) task.Report(Errors.TaskDownload, "an empty or broken archive member", "Name the members as tar lists them.", task.ItemAt("include", member));
            Substituted(task, "include", member, task.ItemAt("include", member), known);
        }

        foreach (var path in read.Uninstall) Destination(task, "uninstall", path, task.ItemAt("uninstall", path), known);
    }

    private void CheckSource(YamlBinder task, string source, SourcePosition at)
    {
        if (source.Length == 0 || source.StartsWith('/') || source.StartsWith('~') || Patterns.Climbs(source) || !Patterns.IsOneLine(source))
        {
            task.Report(Errors.TaskSource, $"\"{source}\" is not a relative path inside the candy", "Put the file into the candy's folder and name it from there.", at);
            return;
        }

        // Which file a variable means is seen when the plan is made.
        if (source.Contains("${", StringComparison.Ordinal)) return;
        var path = Path.Combine(sourceFolder, source);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            task.Report(Errors.TaskSource, $"\"{source}\" does not exist in {sourceFolder}", "Put the file there, or correct the name.", at);
        }
        else if (!Containment.Holds(sourceFolder, path))
        {
            task.Report(Errors.TaskSource, $"\"{source}\" is a link that leads out of the candy's folder", "Put a copy of the file there instead.", at);
        }
    }

    private static void CheckCache(YamlBinder task, CandyTask read)
    {
        if (read.Cache.Count == 0) return;
        if (read.Verb is not ("cmd" or "download")) task.Report(Errors.TaskCache, $"\"cache\" has no meaning for {read.Verb}", "Use it with cmd or download.", task.KeyAt("cache"));
        foreach (var path in read.Cache.Where(p => !p.StartsWith('/') || Patterns.Climbs(p) || !Patterns.IsOneLine(p)))
        {
            task.Report(Errors.TaskCache, $"the cached folder \"{path}\" is not absolute", "Give its full path.", task.ItemAt("cache", path));
        }
    }

    private static string User(YamlBinder task)
    {
        var user = task.Text("user", "run_as") ?? "root";
        if (Patterns.TaskUser().IsMatch(user)) return user;
        task.Report(
            Errors.TaskUserMode, $"\"{user}\" can't be a user", "Use root, ${USER}, a name of a-z 0-9 _ -, uid, or uid:gid.",
            task.At("user"));
        return "root";
    }

    private static string? Mode(YamlBinder task)
    {
        var mode = task.Text("mode");
        if (mode is null || Patterns.Mode().IsMatch(mode)) return mode;
        task.Report(Errors.TaskUserMode, $"\"{mode}\" can't be a mode", "Use octal digits with a leading zero, such as 0644.", task.At("mode"));
        return null;
    }

    private static void Destination(YamlBinder task, string field, string path, SourcePosition at, KnownVariables known)
    {
        // A path may begin with a variable of the candy, whose own value is checked when the plan is made.
        var isVariable = path.StartsWith("${", StringComparison.Ordinal);
        if ((!Patterns.IsAnchored(path) && !isVariable) || Patterns.Climbs(path) || !Patterns.IsOneLine(path))
        {
            task.Report(
                Errors.TaskDestination, $"\"{field}\" is \"{path}\", which is not an absolute path",
                "It must be absolute, or begin with ~/ or ${HOME}, and not climb with \"..\".", at);
        }

        Substituted(task, field, path, at, known);
    }

    private static void Substituted(YamlBinder task, string field, string text, SourcePosition at, KnownVariables known)
    {
        foreach (System.Text.RegularExpressions.Match match in Patterns.Substitution().Matches(text))
        {
            var name = match.Groups[1].Value;
            if (known.Contains(name)) continue;
            task.Report(
                Errors.TaskVariable, $"\"{field}\" uses ${{{name}}}, which nothing sets",
                Nearest.Suggest(name, known.All.Take(MaxGuesses), $"Declare it in \"var\", or use one of {string.Join(", ", Reserved)}."), at);
        }
    }

    /// <summary>What a task may refer to: the variables of its candy and its own.</summary>
    private sealed record KnownVariables(IReadOnlySet<string> OfCandy, IReadOnlyDictionary<string, string> OfTask)
    {
        public IEnumerable<string> All => OfTask.Keys.Concat(OfCandy);

        public bool Contains(string name) => OfCandy.Contains(name) || OfTask.ContainsKey(name);
    }
}
