using OpenCharly.Foundation;
using OpenCharly.Kdl;

namespace OpenCharly.Vms.Definitions;

/// <summary>The braces of one node: takes the children that it is asked for, and tells what is wrong with them and with the rest.</summary>
internal sealed class VmFileBlock
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _properties = new(StringComparer.Ordinal);
    private readonly string? _in;

    /// <summary>Looks at a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="what">The machine, for messages.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="inside">The node, for messages; null for the machine itself.</param>
    public VmFileBlock(KdlNode node, string what, List<Problem> problems, string? inside = null) =>
        (Node, What, Problems, _in) = (node, what, problems, inside);

    public KdlNode Node { get; }

    public string What { get; }

    public List<Problem> Problems { get; }

    public void Report(SourcePosition position, string message, string help) =>
        Problems.Add(new Problem(Errors.VmFileValidation, $"{What}: {message}", help, position));

    /// <summary>Whether a child is there.</summary>
    public bool Has(string name) => Node.Children.Any(c => c.Name.Text == name);

    /// <summary>The child of a name; a second one is a problem.</summary>
    public KdlNode? Take(string name)
    {
        KdlNode? first = null;
        foreach (var node in TakeAll(name))
        {
            if (first is null) first = node;
            else Report(node.Position, $"a second {name}{Inside}", "Keep one of the two.");
        }

        return first;
    }

    /// <summary>All children of a name.</summary>
    public IEnumerable<KdlNode> TakeAll(string name)
    {
        _known.Add(name);
        return Node.Children.Where(c => c.Name.Text == name);
    }

    /// <summary>The text that a node has as its only argument.</summary>
    public KdlString? Text(KdlNode node, bool mayHaveProperties = false)
    {
        if (!mayHaveProperties && !RejectExtra(node, 1)) return null;
        if (mayHaveProperties && !RejectArguments(node, 1)) return null;
        if (!mayHaveProperties && node.Name.Text != "provision") RejectBlock(node);
        switch (node.Arguments.Count > 0 ? node.Arguments[0] : null)
        {
            case KdlString { Text.Length: > 0 } text when !text.Text.Contains('\0'):
                return text;
            case null:
                Report(node.Position, $"{node.Name.Text}{Inside} says nothing", $"Write {node.Name.Text} \"…\".");
                return null;
            case var other:
                Report(other.Position, $"{node.Name.Text}{Inside} is {other.Description}, which is no text", $"Write {node.Name.Text} \"…\".");
                return null;
        }
    }

    /// <summary>The text of a child.</summary>
    public KdlString? TextOf(string name) => Take(name) is { } node ? Text(node) : null;

    /// <summary>A text that is written as a child or as a property, whichever (vm.md §8).</summary>
    public KdlString? ChildOrProperty(string name)
    {
        _properties.Add(name);
        var child = TextOf(name);
        if (Node[name] is not { } property) return child;
        if (child is not null)
        {
            Report(property.Position, $"{name}{Inside} is said twice", "Keep one of the two.");
            return child;
        }

        if (property is KdlString { Text.Length: > 0 } text) return text;
        Report(property.Position, $"{name}{Inside} is {property.Description}, which is no text", $"Write {name}=\"…\".");
        return null;
    }

    /// <summary>A whole number above zero.</summary>
    public int? Count(string name)
    {
        if (Take(name) is not { } node || !RejectExtra(node, 1)) return null;
        RejectBlock(node);
        if (node.Arguments is [KdlNumber { Integer: > 0 and <= int.MaxValue } number]) return (int)number.Integer.Value;
        var (position, seen) = node.Arguments.Count > 0 ? (node.Arguments[0].Position, $"is {node.Arguments[0].Description}") : (node.Position, "says nothing");
        Report(position, $"{name} {seen}", $"Write a whole number above zero, such as {name} 2.");
        return null;
    }

    /// <summary>A switch: on if it is there, unless it says false.</summary>
    public bool Flag(string name)
    {
        if (Take(name) is not { } node || !RejectExtra(node, 1)) return false;
        RejectBlock(node);
        if (node.Arguments.Count == 0) return true;
        if (node.Arguments[0] is KdlBoolean flag) return flag.Value;
        Report(node.Arguments[0].Position, $"{name} is {node.Arguments[0].Description}", $"Write {name}, or {name} #false.");
        return false;
    }

    /// <summary>Tells of arguments and properties at a node that takes none.</summary>
    public void RejectEntries(KdlNode node) => RejectExtra(node, 0);

    /// <summary>Tells of children and properties that nobody asked for.</summary>
    public void RejectUnknown()
    {
        foreach (var child in Node.Children.Where(c => !_known.Contains(c.Name.Text)))
        {
            Report(
                child.Name.Position,
                $"unknown node \"{child.Name.Text}\"{Inside}",
                Nearest.Suggest(child.Name.Text, _known, _known.Count == 0 ? "It takes none; remove it." : $"Known here are {string.Join(", ", _known.Order(StringComparer.Ordinal))}."));
        }

        if (_in != "network") return;
        foreach (var property in Node.Properties.Where(p => !_properties.Contains(p.Name.Text)))
        {
            Report(
                property.Name.Position, $"unknown property \"{property.Name.Text}\"{Inside}", Nearest.Suggest(property.Name.Text, _properties, "Remove it."));
        }
    }

    private string Inside => _in is null ? "" : $" in {_in}";

    private bool RejectExtra(KdlNode node, int arguments)
    {
        foreach (var property in node.Properties) Report(property.Name.Position, $"{node.Name.Text} takes no property \"{property.Name.Text}\"", "Remove it, or write it as a node.");
        return RejectArguments(node, arguments) && node.Properties.Count == 0;
    }

    private bool RejectArguments(KdlNode node, int arguments)
    {
        foreach (var argument in node.Arguments.Skip(arguments))
        {
            Report(argument.Position, $"{node.Name.Text} has {argument.Description} too many", arguments == 0 ? "Write what it holds in braces." : "Give one value.");
        }

        return node.Arguments.Count <= arguments;
    }

    private void RejectBlock(KdlNode node)
    {
        if (node.HasBlock) Report(node.Position, $"{node.Name.Text}{Inside} takes no braces", $"Write {node.Name.Text} and its value only.");
    }
}
