using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>What a file that is migrated holds.</summary>
internal enum SchemaFileKind
{
    /// <summary>The root file of a project.</summary>
    Root,

    /// <summary>A file that the root file imports.</summary>
    Import,

    /// <summary>A file with one candy.</summary>
    Candy,

    /// <summary>A file with one box.</summary>
    Box,

    /// <summary>The per-host file.</summary>
    Host,
}

/// <summary>One document of a file while steps bring it to the newest schema.</summary>
/// <param name="editor">Its text.</param>
/// <param name="kind">What its file holds.</param>
internal sealed class SchemaDocument(YamlEditor editor, SchemaFileKind kind)
{
    /// <summary>Its text.</summary>
    public YamlEditor Editor => editor;

    /// <summary>What its file holds.</summary>
    public SchemaFileKind Kind => kind;

    /// <summary>Whether it is the first of its file.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Whether its file says nowhere which schema it has.</summary>
    public bool LacksVersion { get; init; }

    /// <summary>Deploy keys that other files describe.</summary>
    public required IReadOnlySet<string> KnownElsewhere { get; init; }

    /// <summary>What was changed, in words.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>What has to be changed by hand.</summary>
    public List<Problem> Left { get; } = [];

    /// <summary>Renames a key if it is there.</summary>
    public void Rename(IReadOnlyList<string> path, string name)
    {
        if (editor.Has(path)) Do(path, $"{string.Join('.', path)} renamed to {name}", () => editor.Rename(path, name));
    }

    /// <summary>Moves a value if it is there.</summary>
    public void Move(IReadOnlyList<string> path, IReadOnlyList<string> to)
    {
        if (editor.Has(path)) Do(path, $"{string.Join('.', path)} moved to {string.Join('.', to)}", () => editor.Move(path, to));
    }

    /// <summary>Sets a value.</summary>
    public void Set(IReadOnlyList<string> path, YamlValue value, string what) => Do(path, what, () => editor.Set(path, value));

    /// <summary>Makes an edit; what can't be edited is left for people.</summary>
    public void Do(IReadOnlyList<string> path, string what, Action edit)
    {
        var position = editor.Position(path);
        try
        {
            editor.Together(edit);
            Changes.Add(what);
        }
        catch (CharlyException e) when (e.Code == Errors.YamlType)
        {
            Left.Add(new Problem(Errors.CfgLegacy, $"not done: {what}; {e.Message}", "Change it by hand.", position));
        }
    }

    /// <summary>Leaves something that only people can decide.</summary>
    public void Leave(IReadOnlyList<string> path, string message, string help) => Left.Add(new Problem(Errors.CfgLegacy, message, help, editor.Position(path)));
}
