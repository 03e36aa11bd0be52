using System.Globalization;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>Several templates of one source, as the TOML file of <c>template build --config</c> lists them (vm.md §10).</summary>
/// <param name="TemplateId">Template that they belong to; null if the file does not say.</param>
/// <param name="FlakeRef">Where the sources are; null for the template's own.</param>
/// <param name="Profile">Profile of those that name none; null for the template's own.</param>
/// <param name="Variants">The templates, in the order of the file.</param>
internal sealed record TemplateConfig(string? TemplateId, string? FlakeRef, string? Profile, IReadOnlyList<TemplateVariant> Variants)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateCorrupt"/> with the line; <see cref="Errors.FileMissing"/>.</exception>
    public static TemplateConfig Read(string file)
    {
        if (!File.Exists(file)) throw new CharlyException(Errors.FileMissing, $"there is no file {file}", "Check the path.", target: file);
        var tables = new TomlTables(file, File.ReadAllText(file));
        tables.ThrowIfUnknown(tables.Root, "template_id", "flake_ref", "profile");
        return new TemplateConfig(
            tables.Text(tables.Root, "template_id"), tables.Text(tables.Root, "flake_ref"), tables.Text(tables.Root, "profile"), [.. tables.Lists("variants").Select(Variant)]);

        TemplateVariant Variant(TomlTable table)
        {
            tables.ThrowIfUnknown(table, "name", "role", "profile", "vcpus", "mem_mib", "data_disk_mib");
            return new TemplateVariant(
                tables.Text(table, "name"), tables.Text(table, "role"), tables.Text(table, "profile"),
                tables.Number(table, "vcpus", 1), tables.Number(table, "mem_mib", 1), tables.Number(table, "data_disk_mib", 0));
        }
    }
}

/// <summary>One template of a list; what is null is as in the template that they are of.</summary>
internal sealed record TemplateVariant(string? Name, string? Role, string? Profile, int? Vcpus, int? MemMib, int? DataDiskMib);

/// <summary>A table of a TOML file: keys with their values, text or whole numbers, and their lines.</summary>
internal sealed class TomlTable
{
    public Dictionary<string, (object Value, int Line)> Entries { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The part of TOML that a list of variants is written in: keys with text or whole numbers, and lists of tables. Anything else
/// is refused with its line, never skipped.
/// </summary>
internal sealed class TomlTables
{
    private readonly string _file;
    private readonly Dictionary<string, List<TomlTable>> _lists = new(StringComparer.Ordinal);

    public TomlTables(string file, string text)
    {
        _file = file;
        var table = Root;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("[[", StringComparison.Ordinal)) table = NewTable(line, number);
            else if (line[0] == '[') throw Bad(number, $"\"{line}\" opens a table, and there are only lists of them", "Write [[variants]].");
            else ReadEntry(table, line, number);
        }
    }

    public TomlTable Root { get; } = new();

    public IReadOnlyList<TomlTable> Lists(string name)
    {
        if (_lists.Keys.FirstOrDefault(k => k != name) is { } other) throw Bad(1, $"there is no list \"{other}\"", Nearest.Suggest(other, [name], $"Write [[{name}]]."));
        return _lists.GetValueOrDefault(name) ?? [];
    }

    public void ThrowIfUnknown(TomlTable table, params string[] known)
    {
        foreach (var (key, (_, line)) in table.Entries)
        {
            if (!known.Contains(key)) throw Bad(line, $"\"{key}\" is no key here", Nearest.Suggest(key, known, $"The keys are {string.Join(", ", known)}."));
        }
    }

    public string? Text(TomlTable table, string key)
    {
        if (!table.Entries.TryGetValue(key, out var entry)) return null;
        return entry.Value as string ?? throw Bad(entry.Line, $"\"{key}\" is a number", "Write text in quotes.");
    }

    public int? Number(TomlTable table, string key, int least)
    {
        if (!table.Entries.TryGetValue(key, out var entry)) return null;
        return entry.Value is int number && number >= least ? number : throw Bad(entry.Line, $"\"{key}\" is no whole number of {least} or more", "Write it in digits, without quotes.");
    }

    private TomlTable NewTable(string line, int number)
    {
        var end = line.IndexOf("]]", StringComparison.Ordinal);
        if (end < 0 || !IsEnd(line[(end + 2)..])) throw Bad(number, $"\"{line}\" is not closed", "Write [[variants]] on a line of its own.");
        var name = line[2..end].Trim();
        var table = new TomlTable();
        if (!_lists.TryGetValue(name, out var list)) _lists[name] = list = [];
        list.Add(table);
        return table;
    }

    private void ReadEntry(TomlTable table, string line, int number)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal);
        var key = at > 0 ? line[..at].Trim() : "";
        if (key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')) throw Bad(number, $"\"{line}\" is no KEY = VALUE", "Write for example role = \"worker\".");
        var value = ReadValue(line[(at + 1)..].Trim(), number);
        if (!table.Entries.TryAdd(key, (value, number))) throw Bad(number, $"\"{key}\" is given twice", "Remove one.");
    }

    private object ReadValue(string text, int line)
    {
        if (text.Length > 0 && text[0] is '"' or '\'') return ReadText(text, line);
        var digits = text.Split('#')[0].Trim().Replace("_", "", StringComparison.Ordinal);
        return int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Bad(line, $"\"{text}\" is neither text in quotes nor a whole number", "Write \"text\" or a number.");
    }

    private string ReadText(string text, int line)
    {
        var quote = text[0];
        var result = new StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                return IsEnd(text[(i + 1)..]) ? result.ToString() : throw Bad(line, $"\"{text[(i + 1)..].Trim()}\" stands after the text", "Begin a new line, or a comment with #.");
            }

            if (text[i] != '\\' || quote == '\'')
            {
                result.Append(text[i]);
                continue;
            }

            result.Append(++i < text.Length ? text[i] switch { '"' => '"', '\\' => '\\', 't' => '\t', 'n' => '\n', _ => throw Bad(line, $"\"\\{text[i]}\" is no escape that is known here", "Write the letter itself, or the text in single quotes.") } : '\\');
        }

        throw Bad(line, "the text is not closed", "End it with the quote that it begins with, on the same line.");
    }

    private static bool IsEnd(string rest) => rest.Trim() is "" or ['#', ..];

    private CharlyException Bad(int line, string message, string help) =>
        new(Errors.TemplateCorrupt, message, help, new SourcePosition(_file, line, 1), _file);
}
