using System.Globalization;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Kdl;

namespace OpenCharly.Tests.Kdl;

/// <summary>Shows nodes in one line, so that tests compare text with text.</summary>
internal static class KdlText
{
    public static string Show(string text, int? version = null) => Show(KdlReader.Read(text, "t.kdl", version));

    public static string Show(KdlDocument document) => string.Join("; ", document.Nodes.Select(Show));

    /// <summary>What reading ends in: position and message.</summary>
    public static CharlyException Fail(string text, int? version = 2)
    {
        var error = Assert.ThrowsAny<CharlyException>(() => KdlReader.Read(text, "t.kdl", version));
        Assert.Equal(Errors.KdlSyntax, error.Code);
        Assert.NotEmpty(error.Help);
        Assert.NotNull(error.Position);
        return error;
    }

    /// <summary>The only argument of the only node.</summary>
    public static KdlValue Value(string text, int? version = 2) =>
        Assert.Single(Assert.Single(KdlReader.Read("n " + text, "t.kdl", version).Nodes).Arguments);

    public static string Text(string text, int? version = 2) => Assert.IsType<KdlString>(Value(text, version)).Text;

    private static string Show(KdlNode node)
    {
        var text = new StringBuilder(Annotation(node.Type) + Quote(node.Name.Text));
        foreach (var argument in node.Arguments) text.Append(' ').Append(Show(argument));
        foreach (var property in node.Properties) text.Append(' ').Append(Quote(property.Name.Text)).Append('=').Append(Show(property.Value));
        if (node.HasBlock) text.Append(" {").Append(string.Join("; ", node.Children.Select(Show))).Append('}');
        return text.ToString();
    }

    private static string Show(KdlValue value) => Annotation(value.Type) + value switch
    {
        KdlString text => "'" + text.Text.Replace("\n", "|", StringComparison.Ordinal) + "'",
        KdlNumber { Integer: { } integer } => integer.ToString(CultureInfo.InvariantCulture),
        KdlNumber number => number.Value.ToString("R", CultureInfo.InvariantCulture),
        _ => value.Description,
    };

    private static string Annotation(string? type) => type is null ? "" : $"({type})";

    private static string Quote(string name) => name.Length > 0 && name.All(c => c > ' ') ? name : $"'{name}'";
}
