namespace OpenCharly.Model.Schemas;

/// <summary>What a mapping may hold.</summary>
/// <param name="Keys">Its keys.</param>
/// <param name="IsOpen">Whether it may hold any others too.</param>
internal sealed record KeyShape(IReadOnlyList<SchemaKey> Keys, bool IsOpen);

/// <summary>One key of a mapping and what may stand there.</summary>
/// <param name="Name">The key.</param>
/// <param name="Aliases">Other names of it.</param>
/// <param name="IsRequired">Whether it must be there.</param>
/// <param name="IsList">Whether it is a list; one value stands for a list of one.</param>
/// <param name="IsMap">Whether names of the file's own lead to such values.</param>
/// <param name="IsAnything">Whether its value is not looked at here.</param>
/// <param name="Kinds">Kinds of its value, any of them; text if there are none, no words and no mapping.</param>
/// <param name="Choices">Words, one of which it is.</param>
/// <param name="Inner">The mapping that it is; null if it is none.</param>
/// <param name="Description">What it is for; null where nothing is written.</param>
internal sealed record SchemaKey(
    string Name, IReadOnlyList<string> Aliases, bool IsRequired, bool IsList, bool IsMap, bool IsAnything,
    IReadOnlyList<string> Kinds, IReadOnlyList<string> Choices, KeyShape? Inner, string? Description)
{
    /// <summary>Its kind; empty if it has none or several.</summary>
    public string Kind => Kinds is [var only] ? only : "";

    /// <summary>What may stand there, for messages.</summary>
    public string Words => Kind switch { "bool" => "true or false", "int" => "a whole number", _ => IsList ? "text or a list of texts" : "text" };

    /// <summary>All its names.</summary>
    public IEnumerable<string> Names => Aliases.Prepend(Name);
}
