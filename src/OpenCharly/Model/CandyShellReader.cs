using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads the <c>shell:</c> block of a candy (candy-and-plan.md §3.6).</summary>
internal sealed class CandyShellReader(CandyScope scope)
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "sh"];

    /// <summary>The block, or null if there is none.</summary>
    public ShellBlock? Read(YamlBinder body)
    {
        if (body.Map("shell") is not { } map) return null;
        var shell = scope.Bind(map, "shell");
        var generic = Lines(shell);
        var single = new OrderedDictionary<string, ShellLines>(StringComparer.Ordinal);
        foreach (var name in Shells)
        {
            if (shell.Map(name) is not { } block) continue;
            var lines = scope.Bind(block, $"shell.{name}");
            if (Lines(lines) is { } read) single[name] = read;
            lines.RejectUnknown(Errors.CandyShell);
        }

        var priority = shell.Integer("priority") ?? 50;
        shell.RejectUnknown(Errors.CandyShell);
        return generic is null && single.Count == 0 ? null : new ShellBlock(generic, single, priority);
    }

    private static ShellLines? Lines(YamlBinder binder)
    {
        var init = binder.Text("init");
        if (init is not null && string.IsNullOrWhiteSpace(init)) binder.Report(Errors.CandyShell, "\"init\" is blank", "Write the lines, or remove it.", binder.At("init"));
        var folders = binder.TextList("path_append");
        foreach (var folder in folders) Check(binder, "path_append", folder, binder.ItemAt("path_append", folder));
        var path = binder.Text("path");
        if (path is not null) Check(binder, "path", path, binder.At("path"));
        return init is null && folders.Count == 0 && path is null ? null : new ShellLines(init, folders, path);
    }

    private static void Check(YamlBinder binder, string key, string path, SourcePosition position)
    {
        if (Patterns.IsAnchored(path) && !Patterns.Climbs(path) && Patterns.IsOneLine(path)) return;
        binder.Report(Errors.CandyShell, $"\"{key}\" holds \"{path.ReplaceLineEndings("⏎")}\"", "Give an absolute path, or one that begins with ~/, without \"..\".", position);
    }
}
