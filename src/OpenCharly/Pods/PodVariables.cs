using OpenCharly.Foundation;

namespace OpenCharly.Pods;

/// <summary>Where the value of a variable comes from, lowest first.</summary>
internal enum VariableOrigin
{
    Provided,
    Image,
    Entry,
    EntryFile,
    WorkspaceFile,
    GivenFile,
    Given,
    Detected,
}

/// <summary>A variable of a pod.</summary>
internal sealed record PodVariable(string Name, string Value, VariableOrigin Origin);

/// <summary>The variables of a pod, layer over layer: later layers replace values, first-seen places stay (pod.md §7).</summary>
internal sealed class PodVariables
{
    private readonly OrderedDictionary<string, PodVariable> _variables = new(StringComparer.Ordinal);

    /// <summary>All variables, in order.</summary>
    public IReadOnlyList<PodVariable> All => [.. _variables.Values];

    /// <summary>The value of a variable; null if it is not set.</summary>
    public string? this[string name] => _variables.TryGetValue(name, out var variable) ? variable.Value : null;

    /// <summary>Lays a layer over what there is.</summary>
    public PodVariables Add(VariableOrigin origin, IEnumerable<KeyValuePair<string, string>> layer)
    {
        foreach (var (name, value) in layer) _variables[name] = new PodVariable(name, value, origin);
        return this;
    }

    /// <summary>Sets variables that nothing has set.</summary>
    public PodVariables AddMissing(VariableOrigin origin, IEnumerable<KeyValuePair<string, string>> layer)
    {
        foreach (var (name, value) in layer) _variables.TryAdd(name, new PodVariable(name, value, origin));
        return this;
    }

    /// <summary>Replaces a value in its place, or adds it.</summary>
    public void Set(string name, string value) => _variables[name] = _variables.TryGetValue(name, out var old) ? old with { Value = value } : new PodVariable(name, value, VariableOrigin.Provided);

    /// <summary>The variables for <c>Environment=</c>: all but those whose value is in the one file that the unit names.</summary>
    /// <param name="file">Layer of that file; null if there is none.</param>
    public IReadOnlyList<KeyValuePair<string, string>> Inline(VariableOrigin? file) => [.. _variables.Values.Where(v => v.Origin != file).Select(v => KeyValuePair.Create(v.Name, v.Value))];

    /// <summary>Reads a list of <c>NAME=value</c> words of the command line.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEnvironment"/> for a word that is none.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(IEnumerable<string> words)
    {
        var read = new List<KeyValuePair<string, string>>();
        foreach (var word in words)
        {
            var equals = word.IndexOf('=');

            // The value may be a secret: only the name is ever shown.
            var name = equals < 0 ? word : word[..equals];
            if (equals < 0 || !Names.IsVariable(name)) throw new CharlyException(Errors.PodEnvironment, equals < 0 ? "-e needs NAME=value" : $"\"{name}\" can't name a variable", "Write -e NAME=value; -e NAME= sets it to nothing.");
            read.Add(KeyValuePair.Create(name, word[(equals + 1)..]));
        }

        return read;
    }

    /// <summary>Reads a file of variables: lines <c>NAME=value</c>, comments, an optional <c>export</c>; a lone name takes this machine's value.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEnvironment"/> for a missing file or a line that can't be read.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> ReadFile(string path, CharlyEnvironment environment)
    {
        if (!File.Exists(path)) throw new CharlyException(Errors.PodEnvironment, $"the environment file {path} does not exist", "Create it, or correct env_file.", target: path);
        var read = new List<KeyValuePair<string, string>>();
        var number = 0;
        foreach (var raw in File.ReadLines(path))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("export ", StringComparison.Ordinal)) line = line[7..].TrimStart();
            var equals = line.IndexOf('=');
            var name = (equals < 0 ? line : line[..equals]).TrimEnd();
            if (!Names.IsVariable(name)) throw new CharlyException(Errors.PodEnvironment, "the line is not NAME=value", "Write one variable a line; # begins a comment.", new SourcePosition(path, number, 1), path);
            if (equals >= 0) read.Add(KeyValuePair.Create(name, line[(equals + 1)..]));
            else if (environment.Variables.TryGetValue(name, out var own)) read.Add(KeyValuePair.Create(name, own));
        }

        return read;
    }

    /// <summary>Adds the pods' names to <c>NO_PROXY</c> where a proxy is set, so that they reach each other (pod.md §6.2).</summary>
    public void ExemptFromProxy(IEnumerable<string> containers)
    {
        if (((string[])["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]).All(p => string.IsNullOrEmpty(this[p]))) return;
        var name = this["NO_PROXY"] is null && this["no_proxy"] is not null ? "no_proxy" : "NO_PROXY";
        var hosts = (this[name] ?? "").Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Concat(containers).Distinct(StringComparer.Ordinal);
        var joined = string.Join(',', hosts);
        if (joined.Length == 0) return;

        // The value is the engine's now, so it stands in the unit even if it began in a file.
        _variables[name] = _variables.TryGetValue(name, out var old) ? old with { Value = joined, Origin = VariableOrigin.Detected } : new PodVariable(name, joined, VariableOrigin.Detected);
    }
}
