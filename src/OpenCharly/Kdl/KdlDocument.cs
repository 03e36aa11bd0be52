using OpenCharly.Foundation;

namespace OpenCharly.Kdl;

/// <summary>A KDL document.</summary>
/// <param name="Version">Version of the language that it was read as: 1 or 2.</param>
/// <param name="Nodes">Its nodes, in order.</param>
public sealed record KdlDocument(int Version, IReadOnlyList<KdlNode> Nodes);

/// <summary>A word that names something, with the place where it stands.</summary>
/// <param name="Text">The word, quotes and escapes resolved.</param>
/// <param name="Position">Where it begins.</param>
public sealed record KdlName(string Text, SourcePosition Position);

/// <summary>A property of a node: <c>key=value</c>.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">The value.</param>
public sealed record KdlProperty(KdlName Name, KdlValue Value);

/// <summary>A node: name, arguments, properties, children.</summary>
public sealed record KdlNode
{
    /// <summary>The name.</summary>
    public required KdlName Name { get; init; }

    /// <summary>Type annotation before the name; null if there is none.</summary>
    public string? Type { get; init; }

    /// <summary>Arguments, in order.</summary>
    public IReadOnlyList<KdlValue> Arguments { get; init; } = [];

    /// <summary>Properties in the order of the file; of several with one key only the last.</summary>
    public IReadOnlyList<KdlProperty> Properties { get; init; } = [];

    /// <summary>Children, in order.</summary>
    public IReadOnlyList<KdlNode> Children { get; init; } = [];

    /// <summary>Whether a block of children was written, be it empty.</summary>
    public bool HasBlock { get; init; }

    /// <summary>Where the node begins: at its type annotation or its name.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>The value of a property, or null.</summary>
    public KdlValue? this[string key]
    {
        get
        {
            foreach (var property in Properties)
            {
                if (property.Name.Text == key) return property.Value;
            }

            return null;
        }
    }
}
