namespace Postern.Configuration.Service;

/// <summary>The service could not be read: what follows would rest on guesses.</summary>
internal sealed class ServiceException(string message) : Exception(message);
