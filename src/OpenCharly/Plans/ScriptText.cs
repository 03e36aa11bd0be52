using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>Puts a step's script together: the functions that it needs, then its commands.</summary>
internal sealed class ScriptText
{
    private readonly List<string> _functions = [];
    private readonly List<string> _commands = [];

    /// <summary>The functions, which the body begins with.</summary>
    public IReadOnlyList<string> Functions => _functions;

    /// <summary>The commands alone: what people read.</summary>
    public IReadOnlyList<string> Commands => _commands;

    /// <summary>Functions and commands.</summary>
    public string Body => string.Join('\n', _functions.Concat(_commands));

    /// <summary>Where in <see cref="Body"/> the last command begins.</summary>
    public int LastCommand => _commands.Count == 0 ? Body.Length : Body.Length - _commands[^1].Length;

    /// <summary>Has the script carry these functions, once each.</summary>
    public ScriptText Use(params ReadOnlySpan<string> functions)
    {
        foreach (var function in functions)
        {
            if (!_functions.Contains(function)) _functions.Add(function);
        }

        return this;
    }

    /// <summary>Adds a command.</summary>
    public ScriptText Add(string command)
    {
        _commands.Add(command);
        return this;
    }

    /// <summary>Adds a command line: a beginning that is our own text, then words, each of which may name the machine's
    /// architecture and is quoted.</summary>
    /// <param name="command">Program and options.</param>
    /// <param name="words">Its arguments.</param>
    public ScriptText Run(string command, params IEnumerable<string> words) =>
        Add(string.Join(' ', words.Select(TargetText.Quote).Prepend(command)));

    /// <summary>Writes a whole file: mode and owner are right before it appears under its name.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="content">All of its text.</param>
    /// <param name="mode">Mode, octal.</param>
    /// <param name="owner">Owner as chown takes it; empty for whoever runs the script.</param>
    public ScriptText Write(string path, string content, string mode, string owner)
    {
        var bits = Convert.ToInt32(mode, 8);
        Use(BashFunctions.Folder, BashFunctions.Place);
        Run("charly_new_file", path, Octal(~(bits & Convert.ToInt32("666", 8)) & Convert.ToInt32("777", 8)));
        var target = TargetText.Quote(path + ".charly-new");
        if (content.Contains('\0')) Add($"{Shell.Emit(content)} >{target}");
        else Add($"printf %s {Shell.Quote(content)} >{target}");

        // A file is never born executable, and chown takes special bits away: then it needs a chmod of its own.
        var needsMode = (bits & ~Convert.ToInt32("666", 8)) != 0;
        return Run("charly_place_file", path, owner, needsMode ? mode : "");
    }

    private static string Octal(int bits) => "0" + Convert.ToString(bits, 8).PadLeft(3, '0');
}
