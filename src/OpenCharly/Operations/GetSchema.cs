using OpenCharly.Model.Schemas;

namespace OpenCharly.Operations;

/// <summary>Tells editors what the files may hold.</summary>
public static class GetSchema
{
    /// <summary>
    /// The JSON Schema (draft 7) of every document that charly reads as <c>charly.yml</c>: projects and what they
    /// import, manifests of candies, and the per-host file. It needs no project.
    /// </summary>
    /// <returns>One JSON object, indented, with a line end.</returns>
    public static string Read() => JsonSchema.Write();
}
