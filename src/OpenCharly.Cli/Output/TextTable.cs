using Spectre.Console;

namespace OpenCharly.Cli.Output;

/// <summary>One column of a table.</summary>
/// <param name="Title">Heading, in capitals.</param>
/// <param name="IsNumber">Aligned to the right.</param>
/// <param name="Wraps">Whether it may take several lines where the width is short; other columns never break.</param>
internal sealed record TableColumnSpec(string Title, bool IsNumber = false, bool Wraps = false);

/// <summary>Tables without lines: a heading and a row a thing, easy to read and to cut.</summary>
internal static class TextTable
{
    public static string Render(IReadOnlyList<TableColumnSpec> columns, IEnumerable<IReadOnlyList<string>> rows, int width, bool color)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (var (column, index) in columns.Select((c, i) => (c, i)))
        {
            table.AddColumn(new TableColumn(new Text(column.Title, new Style(decoration: Decoration.Bold)))
            {
                NoWrap = !column.Wraps,
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, index == columns.Count - 1 ? 0 : 2, 0),
            });
        }

        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));

        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = color ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Write(table);
        return string.Concat(text.ToString().TrimEnd('\n').Split('\n').Select(line => line.TrimEnd() + "\n"));
    }

    /// <summary>Names and values, one a line, values below each other; empty values are left out.</summary>
    public static string Pairs(IEnumerable<(string Name, string? Value)> pairs)
    {
        var shown = pairs.Where(p => !string.IsNullOrEmpty(p.Value)).ToArray();
        var width = shown.Max(p => p.Name.Length) + 2;
        return string.Concat(shown.Select(p => $"{(p.Name + ":").PadRight(width)}{p.Value}\n"));
    }
}
